//! The built-in ping.

use serde_json::json;
use sockeye::{Message, Options, Router, endpoint, handler};

use crate::contracts::methods::routes;
use crate::harness::serve;

#[tokio::test]
async fn c16_a_ping_is_answered_without_the_handler() {
    let server = serve(routes(Options::default())).await;
    let mut client = server.connect("/a").await;
    for (ping, pong) in [
        (json!({ "action": "ping" }), json!({ "action": "pong" })),
        (
            json!({ "action": "ping", "payload": null }),
            json!({ "action": "pong" }),
        ),
        (
            json!({ "payload": { "at": 7 }, "ref": "1", "action": "ping" }),
            json!({ "action": "pong", "ref": "1" }),
        ),
    ] {
        client.send(ping.to_string()).await;
        assert_eq!(client.json().await, pong);
    }
    client.send(r#"{"action":"sent"}"#).await;
    let told = client.json().await;
    assert_eq!(told["payload"]["text"], "asked 1 times");
}

#[tokio::test]
async fn c16_it_can_be_turned_off() {
    let mut options = Options::default();
    options.ping = false;
    let server = serve(routes(options)).await;
    let mut client = server.connect("/a").await;
    client.send(r#"{"action":"ping"}"#).await;
    let told = client.json().await;
    assert_eq!(told["payload"]["errors"][0]["type"], "union_tag_invalid");
}

#[derive(Message)]
struct Ping {
    at: u32,
}

#[derive(Message)]
struct Pong {
    at: u32,
}

struct Clock;

#[handler]
impl Clock {
    #[on]
    fn ping(&mut self, ping: Ping) -> Pong {
        Pong { at: ping.at + 1 }
    }
}

#[tokio::test]
async fn c16_a_handlers_own_ping_goes_before() {
    let server = serve(Router::new().route("/", endpoint(|| Clock))).await;
    let mut client = server.connect("/").await;
    client.send(r#"{"action":"ping","payload":{"at":1}}"#).await;
    assert_eq!(
        client.json().await,
        json!({ "action": "pong", "payload": { "at": 2 } })
    );
    client.send(r#"{"action":"ping"}"#).await;
    assert_eq!(
        client.json().await["action"],
        "error",
        "its own ping needs a time"
    );
}

#[tokio::test]
async fn c16_handlers_of_other_messages_get_pings_themselves() {
    struct Echo;
    impl sockeye::Handler for Echo {
        type Incoming = String;
        type Outgoing = String;

        async fn on_message(
            &mut self,
            cx: &mut sockeye::Context<Self>,
            text: String,
        ) -> sockeye::Result<()> {
            cx.reply(text)
        }
    }
    let server = serve(Router::new().route("/", endpoint(|| Echo))).await;
    assert!(server.connect("/").await.asks(r#"{"action":"ping"}"#).await);
}
