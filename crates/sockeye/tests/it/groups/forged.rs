//! What programs that may publish to one group's channel cannot do: speak for a node.

use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::json;
use sockeye::{
    Broker, BrokerFuture, CloseCode, Hub, Inbound, MemoryBroker, Router, Session, WebSocket,
};

use crate::harness::{serve, until};

/// A broker through which the test hands in what it likes.
struct Open {
    broker: MemoryBroker,
    inbound: Arc<Mutex<Option<Inbound>>>,
}

impl Broker for Open {
    fn describe(&self) -> String {
        "an open broker".to_owned()
    }

    fn connect(&self, inbound: Inbound) -> BrokerFuture<'_, Box<dyn Session>> {
        *self.inbound.lock() = Some(inbound.clone());
        self.broker.connect(inbound)
    }
}

fn notice(body: &serde_json::Value) -> Vec<u8> {
    let mut bytes = vec![0xFF, 1, 2, 8];
    bytes.extend([7; 24]);
    bytes.extend(body.to_string().into_bytes());
    bytes
}

async fn member(mut socket: WebSocket) -> sockeye::Result<()> {
    socket.join("lobby").await?;
    while socket.receive().await.is_some() {}
    Ok(())
}

#[tokio::test]
async fn notices_of_nodes_are_heard_on_their_own_topics_alone() {
    let inbound = Arc::default();
    let hub = Hub::with_broker(Open {
        broker: MemoryBroker::new(),
        inbound: Arc::clone(&inbound),
    });
    hub.ready().await;
    let server = serve(Router::new().hub(&hub).route("/", member)).await;
    let mut client = server.connect("/").await;
    until("a member", || hub.stats().memberships == 1).await;
    let inbound: Inbound = inbound.lock().clone().unwrap();
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
        inbound.message("lobby", &notice(&body));
    }
    let whole = json!({"whole": {"version": 9, "tracked": [[1, {"user": null, "info": 1}]]}});
    inbound.message("!nodes", &notice(&whole));
    assert!(hub.group("lobby").unwrap().roster().await.is_empty());
    hub.group("lobby").unwrap().broadcast("still here").unwrap();
    assert_eq!(client.text().await, "still here");
    client.close(CloseCode::NORMAL, "").await;
}
