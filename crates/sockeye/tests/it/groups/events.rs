//! Events: what is published to the handlers of a group's members, in one process and from another node.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use sockeye::{
    Context, Event, Gap, GroupName, Handler, Hub, HubOptions, Json, MemoryBroker, Options, Result,
    Router, WebSocket, endpoint,
};
use tokio::sync::Semaphore;

use crate::harness::{serve, until};

/// A member of `orders` that tells its client of what was shipped, and nothing of what was only packed.
#[derive(Clone)]
struct Clerk {
    /// One permit for each event that it may take in.
    pace: Arc<Semaphore>,
    begun: Arc<AtomicUsize>,
}

impl Handler for Clerk {
    type Incoming = Json<Value>;
    type Outgoing = Json<Value>;

    fn groups(&self, _: &Context<Self>) -> Result<Vec<GroupName>> {
        Ok(vec![GroupName::new(["orders"])?])
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, message: Json<Value>) -> Result<()> {
        match message.0.as_str() {
            Some("notify") => cx.others_in("orders")?.notify(shipped(1)),
            _ => cx.reply(message),
        }
    }

    async fn on_event(&mut self, cx: &mut Context<Self>, event: Event) -> Result<()> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        self.pace.acquire().await?.forget();
        assert_eq!(event.group().as_str(), "orders");
        match event.action().as_deref() {
            Some("shipped") => {
                let Json(shipped) = event.decode::<Json<Value>>()?;
                cx.reply(Json(json!({ "your order": shipped["payload"] })))
            }
            Some("packed") => Ok(()),
            _ => cx.try_send(event),
        }
    }

    async fn on_gap(&mut self, cx: &mut Context<Self>, gap: Gap) -> Result<()> {
        cx.reply(Json(json!({ "lost": gap.messages })))
    }
}

/// A member that leaves everything as it is.
struct Passer;

impl Handler for Passer {
    type Incoming = String;
    type Outgoing = String;

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.join("orders").await?;
        cx.reply("joined".to_owned())
    }
}

fn shipped(number: u32) -> Json<Value> {
    Json(json!({ "action": "shipped", "payload": number }))
}

fn clerk(pace: usize) -> Clerk {
    Clerk {
        pace: Arc::new(Semaphore::new(pace)),
        begun: Arc::default(),
    }
}

#[tokio::test]
async fn c20_an_event_from_outside_is_heard_by_each_handler_which_decides_what_its_client_learns() {
    let clerk = clerk(Semaphore::MAX_PERMITS);
    let server = serve(Router::new().route("/", endpoint(move || clerk.clone()))).await;
    let (mut one, mut other) = (server.connect("/").await, server.connect("/").await);
    let orders = server.hub.group("orders").unwrap();
    until("two members", || orders.members() == 2).await;
    orders.notify(Json(json!({ "action": "packed" }))).unwrap();
    orders.notify(shipped(7)).unwrap();
    orders.notify(Json(json!({ "action": "other" }))).unwrap();
    for client in [&mut one, &mut other] {
        assert_eq!(client.json().await, json!({ "your order": 7 }));
        assert_eq!(client.json().await, json!({ "action": "other" }));
    }
    one.send(r#""notify""#).await;
    assert_eq!(other.json().await, json!({ "your order": 1 }));
    one.send("[]").await;
    assert_eq!(one.json().await, json!([]));
}

#[tokio::test]
async fn c20_events_are_passed_on_as_they_are_by_handlers_that_do_not_ask_for_them() {
    async fn function(mut socket: WebSocket) -> Result<()> {
        socket.join("orders").await?;
        socket.send("joined");
        while socket.receive().await.is_some() {}
        Ok(())
    }
    let routes = Router::new()
        .route("/handler", endpoint(|| Passer))
        .route("/function", function);
    let server = serve(routes).await;
    for path in ["/handler", "/function"] {
        let mut client = server.connect(path).await;
        assert_eq!(client.text().await, "joined");
        let orders = server.hub.group("orders").unwrap();
        orders.notify(shipped(3)).unwrap();
        assert_eq!(
            client.json().await,
            json!({ "action": "shipped", "payload": 3 })
        );
    }
}

#[tokio::test]
async fn c20_events_reach_the_handlers_on_another_node() {
    let broker = MemoryBroker::new();
    let elsewhere = Hub::with_broker(broker.clone());
    let clerk = clerk(Semaphore::MAX_PERMITS);
    let hub = Hub::with_broker(broker);
    let routes = Router::new().route("/", endpoint(move || clerk.clone()));
    let server = serve(routes.hub(&hub)).await;
    let mut client = server.connect("/").await;
    let orders = hub.group("orders").unwrap();
    until("a member", || orders.members() == 1).await;
    elsewhere
        .group("orders")
        .unwrap()
        .notify(shipped(9))
        .unwrap();
    assert_eq!(client.json().await, json!({ "your order": 9 }));
}

#[tokio::test]
async fn events_that_find_no_room_are_lost_and_told() {
    let clerk = clerk(0);
    let (pace, begun) = (Arc::clone(&clerk.pace), Arc::clone(&clerk.begun));
    let mut options = Options::default();
    options.events = 4;
    options.hook_timeout = Duration::from_secs(3600);
    let mut hub_options = HubOptions::default();
    hub_options.shards = 1;
    let hub = Hub::with_options(hub_options);
    let busy = endpoint(move || clerk.clone()).options(options);
    let server = serve(Router::new().route("/", busy).hub(&hub)).await;
    let mut client = server.connect("/").await;
    let orders = hub.group("orders").unwrap();
    until("a member", || orders.members() == 1).await;
    // One that the handler has begun, four that wait, five that find no room.
    orders.notify(shipped(0)).unwrap();
    client.send("[]").await;
    until("the first event", || begun.load(Ordering::SeqCst) == 1).await;
    for number in 1..10 {
        orders.notify(shipped(number)).unwrap();
    }
    until("the loss of five", || hub.stats().dropped == 5).await;
    pace.add_permits(10);
    let mut heard = Vec::new();
    while heard.len() < 7 {
        heard.push(client.json().await);
    }
    for number in 0..5 {
        assert!(
            heard.contains(&json!({ "your order": number })),
            "{heard:?}"
        );
    }
    assert!(heard.contains(&json!({ "lost": 5 })), "{heard:?}");
    assert!(heard.contains(&json!([])), "{heard:?}");
}
