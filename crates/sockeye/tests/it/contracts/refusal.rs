//! Refusing: over HTTP or over the socket, the 426 for plain requests, and nothing handled before acceptance.

use axum::extract::Query;
use serde::Deserialize;
use serde_json::{Value, json};
use sockeye::{
    Context, Disconnect, Error, Handler, IntoEndpoint, Json, OnError, Options, OriginPolicy,
    Refusal, Rejection, Result, Router, WebSocket, endpoint,
};
use tokio::sync::watch;

use crate::contracts::notes::{Notes, http, notes};
use crate::harness::{Raw, Running, serve};

#[derive(Deserialize)]
struct Door {
    #[serde(default)]
    key: u32,
}

async fn knock(Query(door): Query<Door>) -> Result<(), Rejection> {
    match door.key {
        0 => Err(Rejection::unauthorized("show a key")),
        7 => Ok(()),
        _ => Err(Rejection::forbidden("that key does not fit")),
    }
}

async fn welcome(socket: WebSocket) {
    socket.send("welcome");
}

/// A guarded endpoint that refuses by `refusal`.
async fn door(refusal: Refusal) -> Running {
    let mut options = Options::default();
    options.refusal = refusal;
    let origin = OriginPolicy::allow(["https://good.example"]);
    let endpoint = welcome.handshake(knock).options(options).origin(origin);
    serve(Router::new().route("/", endpoint)).await
}

fn authentication(status: u16, text: &str, detail: &str) -> Value {
    let data = json!({ "detail": detail });
    let payload = json!({ "status_code": status, "status_text": text, "data": data });
    json!({ "action": "authentication", "payload": payload })
}

const PAGE: (&str, &str) = ("origin", "https://good.example");

#[tokio::test]
async fn refusal_over_http_is_a_status_before_the_upgrade() {
    let server = door(Refusal::Http).await;
    for headers in [&[][..], &[PAGE]] {
        assert_eq!(server.refused("/", headers).await.status(), 401);
        assert_eq!(server.refused("/?key=1", headers).await.status(), 403);
        assert_eq!(server.refused("/?key=x", headers).await.status(), 400);
    }
    assert_eq!(server.connect("/?key=7").await.text().await, "welcome");
}

#[tokio::test]
async fn refusal_over_the_socket_tells_the_status_and_closes_with_it() {
    let server = door(Refusal::AcceptThenClose).await;
    for (path, status, text, detail) in [
        ("/", 401, "Unauthorized", "show a key"),
        ("/?key=1", 403, "Forbidden", "that key does not fit"),
    ] {
        let mut client = server.connect(path).await;
        client.send("let me in").await;
        assert_eq!(client.json().await, authentication(status, text, detail));
        assert_eq!(client.closed().await, Some((4000 + status, String::new())));
    }
    let mut client = server.connect("/?key=x").await;
    let frame = client.json().await;
    let detail = frame["payload"]["data"]["detail"]
        .as_str()
        .expect("a detail");
    assert!(
        detail.contains("key: invalid digit"),
        "the extractor's own text: {detail}"
    );
    assert_eq!(client.closed().await, Some((4400, String::new())));
    assert_eq!(server.connect("/?key=7").await.text().await, "welcome");
}

#[tokio::test]
async fn refusal_by_the_kind_of_client_tells_pages_over_the_socket() {
    let server = door(Refusal::Auto).await;
    assert_eq!(server.refused("/", &[]).await.status(), 401);
    let client = server.try_connect("/", &[PAGE]).await;
    let mut client = client.expect("an upgrade");
    let expected = authentication(401, "Unauthorized", "show a key");
    assert_eq!(client.json().await, expected);
    assert_eq!(client.closed().await, Some((4401, String::new())));

    let foreign = [("origin", "https://evil.example")];
    let client = server.try_connect("/?key=7", &foreign).await;
    let mut client = client.expect("an upgrade");
    assert_eq!(client.json().await["payload"]["status_code"], 403);
    assert_eq!(client.closed().await, Some((4403, String::new())));
}

#[tokio::test]
async fn refusal_of_an_unexpected_error_shows_a_generic_text() {
    async fn fails() -> Result<()> {
        Err(Error::new("the password is 1234"))
    }
    let mut options = Options::default();
    options.refusal = Refusal::AcceptThenClose;
    let endpoint = welcome.handshake(fails).options(options);
    let server = serve(Router::new().route("/", endpoint)).await;
    let mut client = server.connect("/").await;
    let frame = client.json().await;
    assert_eq!(frame["payload"]["status_text"], "Internal Server Error");
    let detail = frame["payload"]["data"]["detail"]
        .as_str()
        .expect("a detail");
    assert!(
        detail.starts_with("internal error ") && !detail.contains("1234"),
        "{detail}"
    );
    assert_eq!(client.closed().await, Some((4500, String::new())));
}

#[tokio::test]
async fn refusal_of_a_plain_request_is_426_and_says_what_to_do() {
    let server = door(Refusal::AcceptThenClose).await;
    for method in ["GET", "HEAD", "POST"] {
        let answer = http(&server, method, "/?key=7").await.to_ascii_lowercase();
        assert!(answer.starts_with("http/1.1 426"), "{method}: {answer}");
        assert!(answer.contains("\r\nupgrade: websocket\r\n"), "{answer}");
        let told = answer.contains("connect with a websocket client");
        assert_eq!(told, method != "HEAD", "{answer}");
    }
    let mut old = server.raw().await;
    let head = Raw::head("/?key=7").replace("Version: 13", "Version: 8");
    old.write(format!("{head}\r\n").as_bytes()).await;
    let answer = old.read_head().await.to_ascii_lowercase();
    assert!(answer.starts_with("http/1.1 426"), "{answer}");
    assert!(answer.contains("sec-websocket-version: 13"), "{answer}");
}

/// Waits in `on_connect` until it is told whether the client may stay.
struct Gate {
    verdict: watch::Receiver<Option<bool>>,
    notes: Notes,
}

impl Handler for Gate {
    type Incoming = String;
    type Outgoing = String;

    async fn on_connect(&mut self, _: &mut Context<Self>) -> Result<()> {
        self.notes.write("asking");
        let verdict = self.verdict.wait_for(Option::is_some).await?;
        match *verdict {
            Some(true) => Ok(()),
            _ => Err(Error::refused(403, "not you")),
        }
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        self.notes.write(&text);
        cx.reply(text)
    }

    async fn on_disconnect(&mut self, _: &mut Context<Self>, _: Disconnect) {
        self.notes.write("disconnect");
    }
}

#[tokio::test]
async fn before_acceptance_nothing_is_handled_and_after_a_refusal_nothing_ever() {
    for (stays, expected) in [(true, &["early", "late"][..]), (false, &[])] {
        let (notes, mut reader) = notes();
        let (decide, verdict) = watch::channel(None);
        let gate = endpoint(move || Gate {
            verdict: verdict.clone(),
            notes: notes.clone(),
        });
        let server = serve(Router::new().route("/", gate)).await;
        let mut raw = server.raw().await;
        // In one write with the handshake, and in one after it.
        let early = Raw::masked(0x81, b"early");
        let handshake = format!("{}\r\n", Raw::head("/"));
        raw.write(&[handshake.as_bytes(), &early].concat()).await;
        assert!(raw.read_head().await.starts_with("HTTP/1.1 101"));
        raw.write(&Raw::masked(0x81, b"late")).await;
        assert_eq!(reader.next().await, "asking");
        assert!(reader.rest().is_empty());
        decide.send(Some(stays)).unwrap();
        for text in expected {
            assert_eq!(raw.frame().await, Some((0x81, text.as_bytes().to_vec())));
        }
        if !stays {
            let (opcode, payload) = raw.frame().await.expect("a close frame");
            assert_eq!((opcode, &payload[2..]), (0x88, &b"not you"[..]));
        }
        drop(raw);
        server.empty().await;
        assert_eq!(reader.rest(), [expected, &["disconnect"]].concat());
    }
}

#[tokio::test]
async fn before_acceptance_a_client_refused_over_the_socket_is_never_listened_to() {
    let server = door(Refusal::AcceptThenClose).await;
    let mut raw = server.raw().await;
    let handshake = format!("{}\r\n", Raw::head("/"));
    let frames = Raw::masked(0x81, b"do it").repeat(100);
    raw.write(&[handshake.as_bytes(), &frames].concat()).await;
    assert!(raw.read_head().await.starts_with("HTTP/1.1 101"));
    let (opcode, payload) = raw.frame().await.expect("the authentication frame");
    assert_eq!(opcode, 0x81);
    let told: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(told["payload"]["status_code"], 401);
    assert_eq!(raw.frame().await.map(|(opcode, _)| opcode), Some(0x88));
}

#[tokio::test]
async fn on_error_closes_with_1011_or_replies_and_stays() {
    struct Fragile;
    impl Handler for Fragile {
        type Incoming = String;
        type Outgoing = String;

        async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
            match text.as_str() {
                "refuse" => Err(Error::refused(409, "somebody was faster")),
                "fail" => Err(Error::new("the password is 1234")),
                _ => cx.reply(text),
            }
        }
    }
    let mut replying = Options::default();
    replying.on_error = OnError::Reply;
    let routes = Router::new()
        .route("/close", endpoint(|| Fragile))
        .route("/reply", endpoint(|| Fragile).options(replying));
    let server = serve(routes).await;

    for (text, close) in [
        ("fail", (1011, "internal error")),
        ("refuse", (4409, "somebody was faster")),
    ] {
        let mut client = server.connect("/close").await;
        client.send(text).await;
        assert_eq!(client.closed().await, Some((close.0, close.1.to_owned())));
    }
    let mut client = server.connect("/reply").await;
    for (text, code, message) in [
        ("fail", 500, "internal error"),
        ("refuse", 409, "somebody was faster"),
    ] {
        client.send(text).await;
        let frame = client.json().await;
        assert_eq!(frame["action"], "error");
        assert_eq!(frame["payload"]["code"], code);
        assert_eq!(frame["payload"]["message"], message);
        assert!(frame["payload"]["id"].is_string(), "{frame}");
    }
    client.send("still here").await;
    assert_eq!(client.text().await, "still here");
}

#[tokio::test]
async fn on_error_reply_also_answers_what_cannot_be_read_and_names_that_clients_chose() {
    struct Joins;
    impl Handler for Joins {
        type Incoming = Json<String>;
        type Outgoing = String;

        async fn on_message(
            &mut self,
            cx: &mut Context<Self>,
            Json(room): Json<String>,
        ) -> Result<()> {
            cx.join(("room", &room)).await?;
            cx.reply(room)
        }
    }
    let mut options = Options::default();
    options.on_error = OnError::Reply;
    options.groups = 1;
    let server = serve(Router::new().route("/", endpoint(|| Joins).options(options))).await;
    let mut client = server.connect("/").await;
    for (text, code) in [("{", 400), ("7", 400), ("\"\"", 400)] {
        client.send(text).await;
        assert_eq!(client.json().await["payload"]["code"], code, "{text}");
    }
    client.send("\"lobby\"").await;
    assert_eq!(client.text().await, "lobby");
    client.send("\"one too many\"").await;
    assert_eq!(client.json().await["payload"]["code"], 429);
    client.send("\"lobby\"").await;
    assert_eq!(client.text().await, "lobby");
}
