//! Pylight: hooks with defaults, sending, handlers by configuration, isolation, concurrency.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::json;
use sockeye::{
    Catalog, CloseCode, Context, DefaultHandler, Disconnect, Error, ErrorKind, Handler, Json,
    Result, Router, endpoint,
};
use tokio::sync::Barrier;

use crate::contracts::notes::{Notes, notes};
use crate::harness::{Log, serve, until};

#[tokio::test]
async fn p3_every_hook_has_a_default() {
    struct Silent;
    impl Handler for Silent {
        type Incoming = String;
        type Outgoing = String;
    }
    let server = serve(Router::new().route("/", endpoint(|| Silent))).await;
    let mut client = server.connect("/").await;
    client.send("anybody?").await;
    client.close(CloseCode::NORMAL, "").await;
    let close = client.frame().await.map(|frame| frame.is_close());
    assert_eq!(close, Some(true), "no answer, no failure");
    server.empty().await;
}

#[tokio::test]
async fn p3_the_default_handler_answers_what_it_received() {
    let server = serve(Router::new().route("/ws/products", endpoint(|| DefaultHandler))).await;
    let mut client = server.connect("/ws/products").await;
    for text in ["hi", "", r#"{"a": 1}"#] {
        client.send(text).await;
        let expected = json!({ "message": "Received", "data": text });
        assert_eq!(client.json().await, expected);
    }
}

#[tokio::test]
async fn p3_hooks_are_async_and_get_the_raw_text() {
    struct Told(Notes);
    impl Told {
        async fn tell(&self, note: &str) {
            tokio::task::yield_now().await;
            self.0.write(note);
        }
    }
    impl Handler for Told {
        type Incoming = String;
        type Outgoing = serde_json::Value;

        async fn on_connect(&mut self, _: &mut Context<Self>) -> Result<()> {
            self.tell("connect").await;
            Ok(())
        }

        async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
            self.tell(&text).await;
            cx.reply(DefaultHandler::answer(&text))
        }

        async fn on_disconnect(&mut self, _: &mut Context<Self>, _: Disconnect) {
            self.tell("disconnect").await;
        }
    }
    let (notes, mut reader) = notes();
    let server = serve(Router::new().route("/", endpoint(move || Told(notes.clone())))).await;
    let mut client = server.connect("/").await;
    client.send(" { raw } ").await;
    assert_eq!(client.json().await["data"], " { raw } ");
    drop(client);
    for note in ["connect", " { raw } ", "disconnect"] {
        assert_eq!(reader.next().await, note);
    }
}

/// Sends in many ways; what cannot be sent must not hurt.
struct Speaker(Notes);

impl Handler for Speaker {
    type Incoming = String;
    type Outgoing = String;

    async fn on_message(&mut self, cx: &mut Context<Self>, _: String) -> Result<()> {
        let unwritable = || Json(HashMap::from([(vec![1], 2)]));
        cx.send("a text");
        cx.send(json!({ "a": ["structured", "value"] }));
        cx.send(unwritable());
        let error = cx.try_send(unwritable()).unwrap_err();
        self.0.write(format!("{:?}", error.kind()));
        cx.send("after the failure");
        Ok(())
    }

    async fn on_disconnect(&mut self, cx: &mut Context<Self>, _: Disconnect) {
        cx.send("to nobody");
        let error = cx.try_send("to nobody").unwrap_err();
        self.0.write(format!("{:?}", error.kind()));
    }
}

#[tokio::test]
async fn p4_send_takes_text_or_a_value_logs_failures_and_never_fails() {
    let log = Log::catch();
    let (notes, mut reader) = notes();
    let server = serve(Router::new().route("/", endpoint(move || Speaker(notes.clone())))).await;
    let mut client = server.connect("/").await;
    client.send("speak").await;
    assert_eq!(client.text().await, "a text");
    assert_eq!(client.json().await, json!({ "a": ["structured", "value"] }));
    assert_eq!(client.text().await, "after the failure");
    drop(client);
    assert_eq!(reader.next().await, format!("{:?}", ErrorKind::Encoding));
    assert_eq!(reader.next().await, format!("{:?}", ErrorKind::Closed));
    let failed = ["WARN", "a message was not sent", "connection="];
    assert_eq!(log.lines(&failed).len(), 2, "one of each kind");
}

#[tokio::test]
async fn p5_a_handler_comes_from_the_configuration_or_is_the_default() {
    struct Custom;
    impl Handler for Custom {
        type Incoming = String;
        type Outgoing = serde_json::Value;

        async fn on_message(&mut self, cx: &mut Context<Self>, _: String) -> Result<()> {
            cx.reply(json!({ "custom": "response" }))
        }
    }
    let catalog = Catalog::new().with("custom", endpoint(|| Custom));
    let mut routes = Router::new();
    for (path, handler) in [("/ws/products", Some("custom")), ("/ws/orders", None)] {
        routes = routes.route_configured(path, handler, &catalog).unwrap();
    }
    let server = serve(routes).await;
    let mut client = server.connect("/ws/products").await;
    client.send("hi").await;
    assert_eq!(client.json().await, json!({ "custom": "response" }));
    let mut client = server.connect("/ws/orders").await;
    client.send("hi").await;
    assert_eq!(client.json().await["message"], "Received");
}

#[test]
fn p5_a_wrong_configuration_fails_at_registration_and_says_what_was_expected() {
    let default = || endpoint(|| DefaultHandler);
    let catalog = Catalog::new()
        .with("plain", default())
        .with("audited", default());
    let router = || Router::new().route("/ws/orders", default());
    let fails = |path, handler| {
        let error = router()
            .route_configured(path, handler, &catalog)
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Routing);
        error.to_string()
    };
    let unknown = fails("/ws/products", Some("fancy"));
    for part in [
        "/ws/products",
        "\"fancy\"",
        "expected one of: audited, plain",
    ] {
        assert!(unknown.contains(part), "{unknown:?} says {part:?}");
    }
    let twice = fails("/ws/orders", None);
    assert!(
        twice.contains("/ws/orders") && twice.contains(file!()),
        "{twice}"
    );
    let broken = fails("/ws/{", None);
    assert!(broken.contains("/ws/{"), "{broken}");
}

/// Fails in the hook that its path names.
struct Fragile(Notes);

impl Handler for Fragile {
    type Incoming = String;
    type Outgoing = String;

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.join("everybody").await?;
        match cx.param("hook")? {
            "connect" => Err(Error::new("connect went wrong")),
            _ => Ok(()),
        }
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        match cx.param("hook")? {
            "message" => Err(Error::new("message went wrong")),
            _ => cx.reply(text),
        }
    }

    async fn on_disconnect(&mut self, cx: &mut Context<Self>, _: Disconnect) {
        let notes = self.0.clone();
        cx.after(async move { notes.write("cleaned up") }).unwrap();
        assert_ne!(
            cx.param("hook").unwrap(),
            "disconnect",
            "disconnect went wrong"
        );
    }
}

#[tokio::test]
async fn p6_an_error_in_a_hook_closes_1011_and_ends_that_connection_only() {
    let (notes, mut reader) = notes();
    let routes = Router::new().route("/{hook}", endpoint(move || Fragile(notes.clone())));
    let server = serve(routes).await;
    let mut bystander = server.connect("/none").await;
    for hook in ["connect", "message", "disconnect"] {
        let log = Log::catch();
        let mut client = server.connect(&format!("/{hook}")).await;
        if hook != "disconnect" {
            client.send("hi").await;
            let internal = Some((1011, "internal error".to_owned()));
            assert_eq!(client.closed().await, internal, "{hook}");
        }
        drop(client);
        assert_eq!(reader.next().await, "cleaned up", "{hook}");
        let group = server.hub.group("everybody").unwrap();
        until("the bystander alone", || group.members() == 1).await;
        let logged = log.lines(&["ERROR", "connection=", &format!("{hook} went wrong")]);
        assert_eq!(logged.len(), 1, "{hook}: {logged:?}");

        bystander.send("fine").await;
        assert_eq!(bystander.text().await, "fine");
    }
}

#[tokio::test]
async fn p6_receive_errors_and_handler_errors_are_told_apart_in_the_log() {
    let (notes, _reader) = notes();
    let routes = Router::new().route("/{hook}", endpoint(move || Fragile(notes.clone())));
    let server = serve(routes).await;
    let ends = async |text: bool| {
        let log = Log::catch();
        let mut client = server.connect("/message").await;
        match text {
            true => client.send("a text").await,
            false => client.send(b"binary".to_vec()).await,
        }
        client.closed().await;
        server.empty().await;
        log
    };
    let handler = ends(true).await;
    assert_eq!(
        handler
            .lines(&["ERROR", "a handler failed", "message went wrong"])
            .len(),
        1
    );
    assert_eq!(
        handler
            .lines(&["connection ends", "HandlerFailed (1011)"])
            .len(),
        1
    );

    let receive = ends(false).await;
    let told = receive.lines(&["DEBUG", "a message was not taken", "WrongKind"]);
    assert_eq!(told.len(), 1);
    assert_eq!(
        receive
            .lines(&["connection ends", "BadMessage (1003)"])
            .len(),
        1
    );
    assert!(
        receive.lines(&["ERROR"]).is_empty(),
        "a client's fault is no error of ours"
    );
}

#[tokio::test]
async fn p7_handlers_of_many_connections_run_concurrently() {
    struct Together(Arc<Barrier>);
    impl Handler for Together {
        type Incoming = String;
        type Outgoing = String;

        async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
            // Passed only when all are inside at the same time.
            self.0.wait().await;
            cx.reply(text)
        }
    }
    let barrier = Arc::new(Barrier::new(8));
    let routes = Router::new().route("/", endpoint(move || Together(Arc::clone(&barrier))));
    let server = serve(routes).await;
    let mut clients = Vec::new();
    for _ in 0..8 {
        let mut client = server.connect("/").await;
        client.send("now").await;
        clients.push(client);
    }
    for client in &mut clients {
        assert_eq!(client.text().await, "now");
    }
}

#[tokio::test]
async fn p7_handlers_of_one_connection_run_in_order() {
    async fn yield_often(times: usize) {
        for _ in 0..times {
            tokio::task::yield_now().await;
        }
    }
    struct Slow(Notes);
    impl Handler for Slow {
        type Incoming = String;
        type Outgoing = String;

        async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
            self.0.write(format!("begin {text}"));
            // The earlier ones take longer.
            yield_often(20 - text.parse::<usize>()?).await;
            self.0.write(format!("end {text}"));
            cx.reply(text)
        }
    }
    let (notes, mut reader) = notes();
    let server = serve(Router::new().route("/", endpoint(move || Slow(notes.clone())))).await;
    let mut client = server.connect("/").await;
    for number in 0..20 {
        client.send(number.to_string()).await;
    }
    for number in 0..20 {
        assert_eq!(client.text().await, number.to_string());
        assert_eq!(reader.next().await, format!("begin {number}"));
        assert_eq!(reader.next().await, format!("end {number}"));
    }
}
