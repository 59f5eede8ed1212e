//! What programs that may publish to one group's channel cannot do: speak for a node.

use serde_json::json;
use sockeye::{CloseCode, Router, WebSocket};

use crate::groups::open::{Line, notice};
use crate::harness::{serve, until};

async fn member(mut socket: WebSocket) -> sockeye::Result<()> {
    socket.join("lobby").await?;
    while socket.receive().await.is_some() {}
    Ok(())
}

#[tokio::test]
async fn notices_of_nodes_are_heard_on_their_own_topics_alone() {
    let line = Line::default();
    let hub = line.hub().await;
    let server = serve(Router::new().hub(&hub).route("/", member)).await;
    let mut client = server.connect("/").await;
    until("a member", || hub.stats().memberships == 1).await;
    // A roster is kept from now on, into which somebody could be written.
    assert!(hub.group("lobby").unwrap().roster().await.is_empty());
    for body in [
        json!("hello"),
        json!("bye"),
        json!({"disconnect": {"user": "ada", "code": 4403, "reason": ""}}),
        json!({"query": {"id": 1, "question": {"members": "lobby"}}}),
        json!({"answer": {"id": 1, "reply": {"roster": {"group": "lobby", "version": 9, "tracked": [[1, {"user": null, "info": 1}]]}}, "last": true}}),
        json!({"something": "new"}),
    ] {
        line.say("lobby", &notice(&body));
    }
    let whole = json!({"whole": {"version": 9, "tracked": [[1, {"user": null, "info": 1}]]}});
    line.say("!nodes", &notice(&whole));
    assert!(hub.group("lobby").unwrap().roster().await.is_empty());
    hub.group("lobby").unwrap().broadcast("still here").unwrap();
    assert_eq!(client.text().await, "still here");
    client.close(CloseCode::NORMAL, "").await;
}
