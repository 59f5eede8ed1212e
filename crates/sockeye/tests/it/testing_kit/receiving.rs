//! Receiving in memory: one message, all of them, none, and what a test is told that waits in vain.

use std::time::Duration;

use serde_json::{Value, json};
use sockeye::testing::TestServer;
use sockeye::{CloseCode, Context, Handler, Json, RawMessage, Result, Router, WebSocket, endpoint};

use crate::testing_kit::{failure, rooms};

#[tokio::test(start_paused = true)]
async fn c17_messages_are_sent_and_received_as_what_they_are() {
    let server = rooms();
    let mut client = server.connect("/echo").await;
    client.send("text");
    client.send_text("more");
    client.send_bytes(&b"\xff"[..]);
    client.send_json(&json!({"a": 1}));
    client.send(Json(vec![1, 2]));
    assert_eq!(client.receive().await, RawMessage::Text("text".to_owned()));
    assert_eq!(client.receive_text().await, "more");
    assert_eq!(client.receive_bytes().await, &b"\xff"[..]);
    assert_eq!(client.receive_json::<Value>().await["a"], 1);
    let Json(list): Json<Vec<u8>> = client.expect().await;
    assert_eq!(list, [1, 2]);
}

/// Answers `{"action": "count", "payload": n}` with n numbers and a completion message, anything else after a while.
struct Counter;

impl Handler for Counter {
    type Incoming = Json<Value>;
    type Outgoing = Json<Value>;

    async fn on_message(&mut self, cx: &mut Context<Self>, Json(asked): Json<Value>) -> Result<()> {
        if asked["action"] != "count" {
            tokio::time::sleep(Duration::from_millis(50)).await;
            return cx.reply(Json(asked));
        }
        for number in 0..asked["payload"].as_u64().unwrap_or(0) {
            cx.reply(Json(json!({"action": "number", "payload": number})))?;
        }
        cx.reply(Json(json!({"action": "complete", "payload": null})))
    }
}

#[tokio::test]
async fn c17_receive_all_ends_with_completion_or_when_the_server_rests() {
    let server = TestServer::new(Router::new().route("/count", endpoint(|| Counter)));
    let mut client = server.connect("/count").await;
    assert!(client.receive_all::<RawMessage>().await.is_empty());
    client.send_json(&json!({"action": "count", "payload": 2}));
    client.send_json(&json!({"action": "slow"}));
    let numbers: Vec<Json<Value>> = client.receive_all().await;
    let numbers: Vec<_> = numbers
        .iter()
        .map(|Json(number)| &number["payload"])
        .collect();
    assert_eq!(numbers, [0, 1]);
    // The hook that waits is waited for.
    let rest: Vec<String> = client.receive_all().await;
    assert_eq!(rest, [r#"{"action":"slow"}"#]);
    client.send_json(&json!({"action": "count", "payload": 1}));
    client.send_json(&json!({"action": "last"}));
    let until: Vec<Json<Value>> = client.receive_all_until("last").await;
    assert_eq!(until.len(), 3);
    assert_eq!(until[2].0["action"], "last");
}

#[tokio::test(start_paused = true)]
async fn c17_silence_is_that_of_a_server_at_rest() {
    let server = TestServer::new(Router::new().route("/count", endpoint(|| Counter)));
    let mut client = server.connect("/count").await;
    let mut other = server.connect("/count").await;
    client.send_json(&json!({"action": "slow"}));
    other.assert_silent().await;
    let told = failure(async move { client.assert_silent().await }).await;
    assert!(told.contains("expected silence, received"), "{told}");
    other.close(CloseCode::NORMAL, "");
    other.settled().await;
    let told = failure(async move { other.assert_silent().await }).await;
    assert!(
        told.contains("expected silence") && told.contains("closed with 1000"),
        "{told}"
    );
}

#[tokio::test(start_paused = true)]
async fn c17_a_wait_in_vain_tells_where_for_what_and_what_came() {
    let server = rooms().patience(Duration::from_secs(3));
    let mut client = server.connect("/echo").await;
    client.send_text("one");
    client.send_bytes(&b"\x01\x02"[..]);
    client.receive_text().await;
    client.receive_bytes().await;
    let line = line!() + 1;
    let told = failure(async move { drop(client.receive_text().await) }).await;
    assert!(
        told.starts_with(&format!(
            "at crates/sockeye/tests/it/testing_kit/receiving.rs:{line}:"
        )),
        "{told}"
    );
    assert!(told.contains("waited 3s for a text message"), "{told}");
    assert!(told.contains("it received 2 messages so far:"), "{told}");
    assert!(
        told.contains("\"one\"") && told.contains("2 bytes [01, 02]"),
        "{told}"
    );
    assert!(told.contains("the connection is open"), "{told}");

    let mut client = server.connect("/echo").await;
    client.send_text("text");
    let told = failure(async move { drop(client.receive_bytes().await) }).await;
    assert!(
        told.contains("expected a binary message, received \"text\""),
        "{told}"
    );

    let mut client = server.connect("/echo").await;
    client.close(CloseCode::new(4001), "enough");
    let told = failure(async move { drop(client.receive_text().await) }).await;
    assert!(told.contains("closed with 4001"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn c17_a_close_is_asserted_by_its_code_and_gives_the_reason() {
    async fn leave(socket: WebSocket) {
        socket.send("bye");
        socket.close(CloseCode::new(4007), "that is all");
    }
    let server = TestServer::new(
        Router::new()
            .route("/leave", leave)
            .route("/echo", super::echo),
    );
    let mut client = server.connect("/leave").await;
    assert_eq!(client.assert_closed(4007).await, "that is all");
    assert_eq!(client.receive_text().await, "bye");
    let told = failure(async move { drop(client.assert_closed(1000).await) }).await;
    assert!(
        told.contains("expected a close with 1000") && told.contains("closed with 4007"),
        "{told}"
    );

    let mut client = server.connect("/echo").await;
    client.close(CloseCode::new(4001), "enough");
    let closed = client.closed().await;
    assert_eq!(closed.code, Some(CloseCode::new(4001)));
    assert!(closed.has_frame());
    let told = failure(async move { client.send_text("too late") }).await;
    assert!(
        told.contains("cannot send on a connection that is closing"),
        "{told}"
    );

    let mut client = server.connect("/echo").await;
    let told = failure(async move { drop(client.assert_closed(1000).await) }).await;
    assert!(told.contains("waited 5s for a close with 1000"), "{told}");
}
