//! Handshakes as browsers and other clients send them.

use http::{Request, request};

use super::{Handshake, SubprotocolError};

fn parts(target: &str, headers: &[(&str, &str)]) -> request::Parts {
    let mut request = Request::get(target);
    for (name, value) in headers {
        request = request.header(*name, value.as_bytes());
    }
    request.body(()).unwrap().into_parts().0
}

fn handshake(target: &str, headers: &[(&str, &str)]) -> Handshake {
    Handshake::from_parts(&parts(target, headers), None, None, false)
}

/// What Chromium 140 sends, with a session cookie of 64 characters.
const BROWSER: [(&str, &str); 14] = [
    ("host", "chat.example.com"),
    ("connection", "Upgrade"),
    ("pragma", "no-cache"),
    ("cache-control", "no-cache"),
    (
        "user-agent",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
         Chrome/140.0.0.0 Safari/537.36",
    ),
    ("upgrade", "websocket"),
    ("origin", "https://chat.example.com"),
    ("sec-websocket-version", "13"),
    ("accept-encoding", "gzip, deflate, br, zstd"),
    ("accept-language", "en-GB,en;q=0.9,de;q=0.8"),
    (
        "cookie",
        "sid=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    ),
    ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    (
        "sec-websocket-extensions",
        "permessage-deflate; client_max_window_bits",
    ),
    ("sec-websocket-protocol", "chat, superchat"),
];

#[test]
fn a_browsers_handshake_stays_under_its_budget() {
    let mut handshake = handshake("/chat/lobby?name=Quiet%20Heron", &BROWSER);
    assert!(handshake.settle().is_empty());
    let bytes = size_of::<Handshake>() + handshake.headers.heap_bytes();
    assert!(bytes < 600, "{bytes} bytes");
}

#[test]
fn the_url_is_what_the_client_asked_for_wherever_the_route_is_mounted() {
    let mut parts = parts("/lobby?x=1", &[]);
    let original = "http://chat.example.com/ws/lobby?x=1".parse().unwrap();
    parts
        .extensions
        .insert(axum::extract::OriginalUri(original));
    let handshake = Handshake::from_parts(&parts, None, None, false);
    assert_eq!(
        handshake.url().to_string(),
        "ws://chat.example.com/ws/lobby?x=1"
    );
    assert_eq!(handshake.path(), "/ws/lobby");
}

#[test]
fn the_parts_of_a_request_are_there() {
    let peer = "192.0.2.7:50000".parse().unwrap();
    let local = "192.0.2.1:443".parse().unwrap();
    let parts = parts("/caf%C3%A9/a%2Fb?x=1&x=2", &BROWSER);
    let handshake = Handshake::from_parts(&parts, Some(peer), Some(local), true);
    assert_eq!(handshake.method(), "GET");
    assert_eq!(
        handshake.url().to_string(),
        "wss://chat.example.com/caf%C3%A9/a%2Fb?x=1&x=2"
    );
    assert_eq!(handshake.path(), "/café/a/b");
    assert_eq!(handshake.query().get("x").as_deref(), Some("2"));
    assert_eq!(
        handshake.cookies().get("sid").map(|sid| sid.len()),
        Some(64)
    );
    assert_eq!(
        handshake.headers().get("Accept-Language"),
        Some("en-GB,en;q=0.9,de;q=0.8")
    );
    assert_eq!(
        (handshake.peer(), handshake.local()),
        (Some(peer), Some(local))
    );
    assert!(handshake.is_secure());
    assert!(handshake.param("room").is_err());
}

#[test]
fn the_host_comes_from_the_request_line_then_the_header_then_the_transport() {
    let local = Some("127.0.0.1:8080".parse().unwrap());
    let rows = [
        (
            "http://line.example/x",
            vec!["header.example"],
            "ws://line.example/x",
        ),
        ("/x", vec!["header.example:81"], "ws://header.example:81/x"),
        ("/x", vec![], "ws://127.0.0.1:8080/x"),
        ("/x", vec!["not a host"], "ws://127.0.0.1:8080/x"),
        (
            "/x",
            vec!["a.example", "b.example"],
            "ws://127.0.0.1:8080/x",
        ),
        (
            "http://user@line.example/x",
            vec!["b.example"],
            "ws://127.0.0.1:8080/x",
        ),
    ];
    for (target, hosts, wanted) in rows {
        let headers: Vec<_> = hosts.into_iter().map(|host| ("host", host)).collect();
        let handshake = Handshake::from_parts(&parts(target, &headers), None, local, false);
        assert_eq!(handshake.url().to_string(), wanted, "{target} {headers:?}");
    }
    assert_eq!(handshake("/x", &[]).url().host(), None);
}

#[test]
fn only_an_offered_subprotocol_can_be_chosen() {
    let mut handshake = handshake(
        "/",
        &[
            ("sec-websocket-protocol", "chat.v2 ,chat.v1,"),
            ("sec-websocket-protocol", "raw"),
        ],
    );
    let offered: Vec<_> = handshake.offered_subprotocols().collect();
    assert_eq!(offered, ["chat.v2", "chat.v1", "raw"]);
    assert_eq!(
        handshake.accept_subprotocol("CHAT.V1"),
        Err(SubprotocolError {
            name: "CHAT.V1".to_owned()
        })
    );
    assert_eq!(handshake.subprotocol(), None);
    assert_eq!(handshake.accept_subprotocol("raw"), Ok(()));
    assert_eq!(handshake.accept_subprotocol("chat.v1"), Ok(()));
    assert_eq!(handshake.subprotocol(), Some("chat.v1"));
}

#[test]
fn headers_for_the_upgrade_are_handed_over_once() {
    let mut handshake = handshake("/", &[]);
    assert!(handshake.settle().is_empty());
    handshake
        .response_headers_mut()
        .insert("x-node", "a".parse().unwrap());
    assert_eq!(handshake.settle()["x-node"], "a");
    assert!(handshake.settle().is_empty());
}

#[test]
fn debug_shows_no_credential() {
    let handshake = handshake(
        "/chat/lobby?token=canary",
        &[
            ("host", "chat.example.com"),
            ("cookie", "sid=canary"),
            ("authorization", "Bearer canary"),
            ("sec-websocket-protocol", "bearer.canary"),
            ("x-api-key", "canary"),
            ("referer", "https://chat.example.com/?token=canary"),
        ],
    );
    let text = format!("{handshake:?} {handshake:#?}");
    assert!(
        text.contains("/chat/lobby") && text.contains("authorization"),
        "{text}"
    );
    assert!(!text.contains("canary"), "{text}");
}

#[test]
fn a_request_without_a_path_has_none() {
    let request = Request::builder()
        .method("CONNECT")
        .uri("chat.example.com:443");
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let handshake = Handshake::from_parts(&parts, None, None, true);
    assert_eq!(handshake.path(), "");
    assert_eq!(handshake.url().to_string(), "wss://chat.example.com");
}

#[test]
fn a_handshake_goes_to_any_thread() {
    fn goes_anywhere<T: Send + Sync + 'static>() {}
    goes_anywhere::<Handshake>();
}
