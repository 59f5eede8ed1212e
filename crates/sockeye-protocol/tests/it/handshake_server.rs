//! What a server makes of a request, row by row: each changes one thing about a good one.

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version};
use sockeye_protocol::handshake::{HandshakeError, Request};

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// The headers of a good request, with those of `changes` in their place; no value leaves a header out, several are
/// several lines.
fn headers(changes: &[(&str, &[&str])]) -> HeaderMap {
    let good: [(&str, &[&str]); 5] = [
        ("host", &["example.org"]),
        ("upgrade", &["websocket"]),
        ("connection", &["Upgrade"]),
        ("sec-websocket-key", &[KEY]),
        ("sec-websocket-version", &["13"]),
    ];
    let changed = |name| changes.iter().any(|(changed, _)| *changed == name);
    let kept = good.iter().filter(|(name, _)| !changed(*name));
    let line = |name: &str, value: &&str| {
        let name: HeaderName = name.parse().unwrap();
        (name, HeaderValue::from_bytes(value.as_bytes()).unwrap())
    };
    let lines = |(name, values): &(&str, &[&str])| {
        values
            .iter()
            .map(|value| line(name, value))
            .collect::<Vec<_>>()
    };
    kept.chain(changes).flat_map(lines).collect()
}

fn check(changes: &[(&str, &[&str])]) -> Result<Request, HandshakeError> {
    Request::check(&Method::GET, Version::HTTP_11, &headers(changes), None)
}

type Changes = &'static [(&'static str, &'static [&'static str])];

#[test]
fn good_requests_pass() {
    let good: [Changes; 19] = [
        &[],
        &[("upgrade", &["WebSocket"])],
        &[("upgrade", &["WEBSOCKET"])],
        &[("upgrade", &["h2c, websocket"])],
        &[("upgrade", &["h2c", "websocket"])],
        &[("upgrade", &["  websocket\t"])],
        &[("connection", &["upgrade"])],
        &[("connection", &["keep-alive, Upgrade"])],
        &[("connection", &["keep-alive", "UPGRADE"])],
        &[("connection", &["keep-alive,,upgrade,"])],
        &[("sec-websocket-version", &[" 13 "])],
        &[("sec-websocket-key", &["AAAAAAAAAAAAAAAAAAAAAA=="])],
        &[("sec-websocket-key", &["////////////////////+w=="])],
        &[("content-length", &["0"])],
        &[("host", &["example.org:8080"])],
        &[("host", &["192.0.2.1:80"])],
        &[("host", &["[2001:db8::1]:80"])],
        &[("origin", &["https://elsewhere.example"])],
        &[
            ("sec-websocket-protocol", &["chat"]),
            ("sec-websocket-extensions", &["foo"]),
        ],
    ];
    for changes in good {
        let accepted = check(changes).unwrap_or_else(|error| panic!("{changes:?}: {error}"));
        let response = accepted.response(None, None);
        assert_eq!(
            response.status(),
            StatusCode::SWITCHING_PROTOCOLS,
            "{changes:?}"
        );
    }
}

#[test]
fn bad_requests_are_refused_with_their_status() {
    let bad: [(u16, Changes); 42] = [
        (
            426,
            &[
                ("upgrade", &[]),
                ("connection", &[]),
                ("sec-websocket-key", &[]),
                ("sec-websocket-version", &[]),
            ],
        ),
        (426, &[("upgrade", &["h2c"]), ("sec-websocket-key", &[])]),
        (
            426,
            &[("upgrade", &["websockets"]), ("sec-websocket-key", &[])],
        ),
        (
            426,
            &[("upgrade", &["websocket/13"]), ("sec-websocket-key", &[])],
        ),
        (400, &[("upgrade", &[])]),
        (400, &[("upgrade", &["h2c"])]),
        (400, &[("upgrade", &["web socket"])]),
        (400, &[("connection", &[])]),
        (400, &[("connection", &["close"])]),
        (400, &[("connection", &["keep-alive"])]),
        (400, &[("connection", &["upgraded"])]),
        (400, &[("connection", &["keep-alive upgrade"])]),
        (426, &[("sec-websocket-version", &[])]),
        (426, &[("sec-websocket-version", &[""])]),
        (426, &[("sec-websocket-version", &["12"])]),
        (426, &[("sec-websocket-version", &["8"])]),
        (426, &[("sec-websocket-version", &["14"])]),
        (426, &[("sec-websocket-version", &["013"])]),
        (426, &[("sec-websocket-version", &["13.0"])]),
        (426, &[("sec-websocket-version", &["13, 8"])]),
        (426, &[("sec-websocket-version", &["13", "13"])]),
        (426, &[("sec-websocket-version", &["\u{e9}"])]),
        (400, &[("sec-websocket-key", &[])]),
        (400, &[("sec-websocket-key", &[""])]),
        (400, &[("sec-websocket-key", &["short"])]),
        (400, &[("sec-websocket-key", &[KEY, KEY])]),
        (
            400,
            &[("sec-websocket-key", &["dGhlIHNhbXBsZSBub25jZQ==,"])],
        ),
        (400, &[("sec-websocket-key", &["dGhlIHNhbXBsZSBub25jZQ"])]),
        (400, &[("sec-websocket-key", &["dGhlIHNhbXBsZSBub25jZR=="])]),
        (400, &[("sec-websocket-key", &["dGhlIHNhbXBsZSBub25jZWE="])]),
        (400, &[("sec-websocket-key", &["dGhlIHNhbXBsZSBub2!jZQ=="])]),
        (
            400,
            &[("sec-websocket-key", &["dGhlIHNhbXBsZSBub25jZSBsb25nZXI="])],
        ),
        (400, &[("host", &[])]),
        (400, &[("host", &[""])]),
        (400, &[("host", &["a.example", "b.example"])]),
        (400, &[("content-length", &["5"])]),
        (400, &[("content-length", &["00"])]),
        (400, &[("content-length", &["-0"])]),
        (400, &[("content-length", &["0", "0"])]),
        (400, &[("content-length", &["x"])]),
        (400, &[("transfer-encoding", &["chunked"])]),
        (400, &[("transfer-encoding", &["identity"])]),
    ];
    for (status, changes) in bad {
        let error = check(changes).expect_err(&format!("{changes:?}"));
        assert_eq!(error.status().as_u16(), status, "{changes:?}: {error}");
    }
}

#[test]
fn a_host_is_a_name_or_an_address_with_a_port_at_most() {
    for host in [
        "a.example, b.example",
        "a.example b",
        "a.example/path",
        "user@a.example",
        "a.example:port",
        "a.example:65536",
        "[::1",
        "http://a.example",
    ] {
        let error = check(&[("host", &[host])]).expect_err(host);
        assert_eq!(error.status(), StatusCode::BAD_REQUEST, "{host}: {error}");
    }
}

#[test]
fn other_methods_and_versions_are_refused() {
    let check = |method, version| Request::check(&method, version, &headers(&[]), None);
    for method in [
        Method::POST,
        Method::HEAD,
        Method::PUT,
        Method::OPTIONS,
        Method::CONNECT,
    ] {
        let error = check(method.clone(), Version::HTTP_11).expect_err(method.as_str());
        assert_eq!(error.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(error.response().headers()["allow"], "GET");
    }
    for version in [Version::HTTP_09, Version::HTTP_10] {
        let error = check(Method::GET, version).expect_err("it is old");
        assert_eq!(error.status(), StatusCode::HTTP_VERSION_NOT_SUPPORTED);
    }
}

#[test]
fn a_plain_get_is_told_from_a_handshake_gone_wrong() {
    let none: [(&str, &[&str]); 4] = [
        ("upgrade", &[]),
        ("connection", &[]),
        ("sec-websocket-key", &[]),
        ("sec-websocket-version", &[]),
    ];
    let plain = check(&none).expect_err("it is plain");
    assert!(plain.is_plain_request());
    let response = plain.response();
    assert_eq!(response.status(), StatusCode::UPGRADE_REQUIRED);
    assert_eq!(response.headers()["upgrade"], "websocket");
    assert!(
        response.body().contains("WebSocket client"),
        "{}",
        response.body()
    );
    assert!(
        !check(&[("upgrade", &[])])
            .expect_err("broken")
            .is_plain_request()
    );
}

#[test]
fn a_wrong_version_is_told_the_right_one() {
    let response = check(&[("sec-websocket-version", &["8"])])
        .expect_err("old")
        .response();
    assert_eq!(response.headers()["sec-websocket-version"], "13");
    assert_eq!(response.headers()["upgrade"], "websocket");
    assert!(response.body().contains("\"8\""), "{}", response.body());
}

#[test]
fn accepting_answers_the_key_and_what_was_agreed() {
    let extensions = HeaderValue::from_static("permessage-deflate");
    let response = check(&[]).unwrap().response(Some("chat"), Some(extensions));
    let headers = response.headers();
    assert_eq!(headers.len(), 5);
    assert_eq!(headers["upgrade"], "websocket");
    assert_eq!(headers["connection"], "upgrade");
    assert_eq!(
        headers["sec-websocket-accept"],
        "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    );
    assert_eq!(headers["sec-websocket-protocol"], "chat");
    assert_eq!(headers["sec-websocket-extensions"], "permessage-deflate");
}

#[test]
#[should_panic(expected = "is not a token")]
fn a_subprotocol_that_cannot_be_sent_panics_where_it_is_given() {
    let _ = check(&[]).unwrap().response(Some("two words"), None);
}

#[test]
fn http2_asks_for_an_extended_connect() {
    let only_version = headers(&[
        ("host", &[]),
        ("upgrade", &[]),
        ("connection", &[]),
        ("sec-websocket-key", &[]),
    ]);
    let check = |method, headers: &HeaderMap, extended: bool| {
        let protocol = extended.then_some("websocket");
        Request::check(&method, Version::HTTP_2, headers, protocol)
    };
    let accepted = check(Method::CONNECT, &only_version, true)
        .unwrap()
        .response(None, None);
    assert_eq!(accepted.status(), StatusCode::OK);
    assert!(accepted.headers().is_empty());
    let with_key = headers(&[("upgrade", &[]), ("connection", &[])]);
    assert!(
        check(Method::CONNECT, &with_key, true).is_ok(),
        "a key means nothing"
    );

    let plain = check(Method::GET, &only_version, false).expect_err("plain");
    assert!(plain.is_plain_request());
    assert!(
        check(Method::CONNECT, &only_version, false).is_err(),
        "a proxy's CONNECT"
    );
    assert!(check(Method::GET, &only_version, true).is_err());
    for name in ["connection", "upgrade"] {
        let mut forbidden = only_version.clone();
        forbidden.insert(name, HeaderValue::from_static("upgrade"));
        assert!(check(Method::CONNECT, &forbidden, true).is_err(), "{name}");
    }
    let no_version = HeaderMap::new();
    let error = check(Method::CONNECT, &no_version, true).expect_err("no version");
    assert_eq!(error.response().headers()["sec-websocket-version"], "13");
    let mut body = only_version;
    body.insert("content-length", HeaderValue::from_static("5"));
    assert!(check(Method::CONNECT, &body, true).is_err(), "a body");
}

#[test]
fn http2_names_the_protocol_in_any_case_and_no_other() {
    let headers = headers(&[("upgrade", &[]), ("connection", &[])]);
    let check = |protocol| {
        Request::check(&Method::CONNECT, Version::HTTP_2, &headers, Some(protocol))
            .map_err(|error| error.status())
    };
    for websocket in ["websocket", "WebSocket", "WEBSOCKET"] {
        assert!(check(websocket).is_ok(), "{websocket}");
    }
    for other in ["mqtt", "websockets", "webtransport"] {
        assert_eq!(check(other), Err(StatusCode::NOT_IMPLEMENTED), "{other}");
    }
    for broken in [
        "",
        "websocket mqtt",
        "websocket\r\n",
        "websocket\0",
        "websocket,mqtt",
    ] {
        assert_eq!(check(broken), Err(StatusCode::BAD_REQUEST), "{broken:?}");
    }
}

#[test]
fn refusals_repeat_values_short_and_printable() {
    let long: &str = &"\u{e9}".repeat(5000);
    for name in [
        "sec-websocket-key",
        "sec-websocket-version",
        "content-length",
    ] {
        let text = check(&[(name, &[long])]).expect_err(name).to_string();
        assert!(text.len() < 500, "{name}: {} bytes", text.len());
        assert!(
            text.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
            "{text}"
        );
    }
}
