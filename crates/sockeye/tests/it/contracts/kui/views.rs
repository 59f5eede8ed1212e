//! K2: views by encoding, as trait handlers and as functions.

use std::marker::PhantomData;

use bytes::Bytes;
use serde_json::{Value, json};
use sockeye::{
    Cause, Context, Disconnect, Handler, Incoming, Json, Outgoing, RawMessage, Result, Router,
    WebSocket, endpoint,
};

use crate::contracts::notes::{Notes, notes};
use crate::harness::{Running, Wire, serve};

/// Sends back what it takes, in its own encoding.
struct Echo<T>(Notes, PhantomData<fn(T)>);

impl<T: Incoming + Outgoing + Sync> Handler for Echo<T> {
    type Incoming = T;
    type Outgoing = T;

    async fn on_message(&mut self, cx: &mut Context<Self>, message: T) -> Result<()> {
        cx.reply(message)
    }

    async fn on_disconnect(&mut self, _: &mut Context<Self>, disconnect: Disconnect) {
        let code = disconnect.code().map_or(0, u16::from);
        self.0.write(format!("{:?} {code}", disconnect.cause()));
    }
}

async fn echo_text(mut socket: WebSocket) -> Result<()> {
    while let Some(text) = socket.receive_text().await? {
        socket.send_text(&text).await?;
    }
    Ok(())
}

async fn echo_bytes(mut socket: WebSocket) -> Result<()> {
    while let Some(bytes) = socket.receive_bytes().await? {
        socket.send_bytes(bytes).await?;
    }
    Ok(())
}

async fn echo_json(mut socket: WebSocket) -> Result<()> {
    while let Some(value) = socket.receive_json::<Value>().await? {
        socket.send_json(&value).await?;
    }
    Ok(())
}

async fn echo_any(mut socket: WebSocket) -> Result<()> {
    while let Some(message) = socket.receive().await {
        socket.send_message(message).await?;
    }
    Ok(())
}

async fn views(notes: &Notes) -> Running {
    fn view<T: Incoming + Outgoing + Sync>(notes: &Notes) -> sockeye::Endpoint {
        let notes = notes.clone();
        endpoint(move || Echo::<T>(notes.clone(), PhantomData))
    }
    let handlers = Router::new()
        .route("/text", view::<String>(notes))
        .route("/bytes", view::<Bytes>(notes))
        .route("/json", view::<Json<Value>>(notes))
        .route("/any", view::<RawMessage>(notes));
    let functions = Router::new()
        .route("/text", echo_text)
        .route("/bytes", echo_bytes)
        .route("/json", echo_json)
        .route("/any", echo_any);
    let routes = Router::new()
        .nest("/view", handlers)
        .nest("/function", functions);
    serve(routes).await
}

/// Sends `message` to the view of `kind` in both forms; each must answer with `expected`.
async fn echoes(kind: &str, message: impl Into<Wire>, expected: impl Into<Wire>) {
    let (message, expected) = (message.into(), expected.into());
    let (notes, _reader) = notes();
    let server = views(&notes).await;
    for form in ["view", "function"] {
        let mut client = server.connect(&format!("/{form}/{kind}")).await;
        client.send(message.clone()).await;
        let answer = client.frame().await;
        assert_eq!(
            answer,
            Some(expected.clone()),
            "{form}/{kind} of {message:?}"
        );
    }
}

/// Sends `message` to the view of `kind` in both forms; each must close with 1003 and hear so itself.
async fn closes_1003(kind: &str, message: impl Into<Wire>) {
    let message = message.into();
    let (notes, mut reader) = notes();
    let server = views(&notes).await;
    for form in ["view", "function"] {
        let mut client = server.connect(&format!("/{form}/{kind}")).await;
        client.send(message.clone()).await;
        let code = client.closed().await.map(|(code, _)| code);
        assert_eq!(code, Some(1003), "{form}/{kind} of {message:?}");
    }
    server.empty().await;
    assert_eq!(reader.next().await, format!("{:?} 1003", Cause::BadMessage));
    assert!(reader.rest().is_empty());
}

#[tokio::test]
async fn k2_a_text_view_takes_text() {
    echoes("text", "grüße", "grüße").await;
}

#[tokio::test]
async fn k2_an_empty_text_is_an_empty_text() {
    echoes("text", "", "").await;
    echoes("any", "", "").await;
}

#[tokio::test]
async fn k2_a_text_view_closes_1003_on_binary() {
    closes_1003("text", b"text".to_vec()).await;
    closes_1003("text", Vec::new()).await;
}

#[tokio::test]
async fn k2_a_bytes_view_takes_binary() {
    echoes("bytes", vec![0, 255], vec![0, 255]).await;
    echoes("bytes", Vec::new(), Vec::new()).await;
}

#[tokio::test]
async fn k2_a_bytes_view_closes_1003_on_text() {
    closes_1003("bytes", "text").await;
    closes_1003("bytes", "").await;
}

#[tokio::test]
async fn k2_a_json_view_takes_json_from_text_and_from_binary() {
    echoes("json", r#" {"a": [1, null]} "#, r#"{"a":[1,null]}"#).await;
    echoes("json", br#""gr\u00fc\u00dfe""#.to_vec(), "\"grüße\"").await;
}

#[tokio::test]
async fn k2_a_json_view_closes_1003_on_what_is_no_json() {
    closes_1003("json", "{").await;
    closes_1003("json", "").await;
    closes_1003("json", "[1] [2]").await;
    closes_1003("json", b"nope".to_vec()).await;
    closes_1003("json", b"\"\xff\"".to_vec()).await;
}

#[tokio::test]
async fn k2_an_any_view_takes_both_kinds_and_tells_them_apart() {
    echoes("any", "text", "text").await;
    echoes("any", b"text".to_vec(), b"text".to_vec()).await;
}

#[tokio::test]
async fn k2_json_of_another_shape_closes_1003_and_the_reason_tells_no_values() {
    #[derive(serde::Deserialize)]
    struct Point {
        x: i32,
    }
    struct Plot;
    impl Handler for Plot {
        type Incoming = Json<Point>;
        type Outgoing = Value;

        async fn on_message(
            &mut self,
            cx: &mut Context<Self>,
            Json(point): Json<Point>,
        ) -> Result<()> {
            cx.reply(json!({ "x": point.x }))
        }
    }
    let server = serve(Router::new().route("/", endpoint(|| Plot))).await;
    let mut client = server.connect("/").await;
    client.send(r#"{"x": 1, "y": 2}"#).await;
    assert_eq!(client.json().await, json!({ "x": 1 }));
    client.send(r#"{"x": "secret"}"#).await;
    let (code, reason) = client.closed().await.expect("a close frame");
    assert_eq!((code, reason.as_str()), (1003, "not the expected JSON"));
}
