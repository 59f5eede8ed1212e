//! Captures: what is published is seen, and kept from the members where a test says so.

use serde_json::{Value, json};
use sockeye::testing::TestServer;
use sockeye::{Context, Handler, RawMessage, Result, Router, endpoint};

use crate::testing_kit::rooms;

#[tokio::test(start_paused = true)]
async fn c17_broadcasts_are_captured_and_delivered() {
    let server = rooms();
    let captured = server.capture(("room", "lobby"));
    let everything = server.capture_all();
    let ann = server.connect("/chat/lobby").await;
    let mut bob = server.connect("/chat/lobby").await;
    let carl = server.connect("/chat/kitchen").await;
    ann.send_text("hi");
    assert_eq!(bob.receive_text().await, "hi");
    carl.send_json(&json!({"n": 1}));
    carl.settled().await;
    // Nobody is there, and still it was said.
    let attic = server.hub().group(("room", "attic")).unwrap();
    attic.broadcast("anybody?").unwrap();
    assert_eq!(captured.texts(), ["hi"]);
    assert_eq!(everything.texts(), ["hi", r#"{"n":1}"#, "anybody?"]);
    let groups: Vec<_> = everything
        .messages()
        .iter()
        .map(|one| one.group.to_string())
        .collect();
    assert_eq!(groups, ["room:lobby", "room:kitchen", "room:attic"]);
    everything.clear();
    carl.send_json(&json!({"n": 2}));
    carl.settled().await;
    assert_eq!(everything.json::<Value>()[0]["n"], 2);
    assert_eq!(everything.typed::<RawMessage>().len(), 1);
    assert_eq!(captured.messages().len(), 1);
}

/// Tells the others.
struct Gossip;

impl Handler for Gossip {
    type Incoming = String;
    type Outgoing = String;

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.join("all").await
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        cx.broadcast_to_others(text)
    }
}

#[tokio::test(start_paused = true)]
async fn c17_broadcasts_are_captured_without_delivery() {
    let server = TestServer::new(Router::new().route("/gossip", endpoint(|| Gossip)));
    let ann = server.connect("/gossip").await;
    let mut bob = server.connect("/gossip").await;
    let captured = server.capture_all().withhold();
    ann.send_text("secret");
    bob.assert_silent().await;
    assert_eq!(captured.texts(), ["secret"]);
    assert!(captured.messages()[0].to_others);
    drop(captured);
    ann.send_text("known");
    assert_eq!(bob.receive_text().await, "known");
}
