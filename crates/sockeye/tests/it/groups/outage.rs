//! A broker that goes away and comes back: what publishers, members and whoever asks for readiness learn.

use axum::routing::get;
use serde_json::{Value, json};
use sockeye::{
    App, Context, ErrorKind, Gap, GroupName, Handler, Hub, Json, MemoryBroker, Result, Router,
    endpoint,
};

use crate::harness::{Client, Running, serve, until};

/// A member of the room that its query names; its client is told what every client of typed messages is.
struct Listener;

impl Handler for Listener {
    type Incoming = Json<Value>;
    type Outgoing = Json<Value>;

    fn groups(&self, cx: &Context<Self>) -> Result<Vec<GroupName>> {
        let room = cx.query().get("room").unwrap_or_default();
        Ok(vec![GroupName::new(["room", &*room])?])
    }

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.reply(Json(json!("in")))
    }

    async fn on_gap(&mut self, cx: &mut Context<Self>, gap: Gap) -> Result<()> {
        cx.reply(Json(
            json!({ "gap": gap.group.as_str(), "messages": gap.messages }),
        ))
    }
}

async fn node(broker: &MemoryBroker) -> Running {
    let ready = get(|app: App| async move { app.hub().readiness() });
    let routes = Router::new()
        .hub(&Hub::with_broker(broker.clone()))
        .http("/ready", ready)
        .route("/", endpoint(|| Listener));
    serve(routes).await
}

/// Asks whether it is ready.
async fn ask(server: &Running) -> String {
    let mut raw = server.raw().await;
    raw.write(b"GET /ready HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await;
    raw.read_head().await
}

async fn enter(server: &Running, room: &str) -> Client {
    let mut client = server.connect(&format!("/?room={room}")).await;
    assert_eq!(client.json().await, "in");
    client
}

fn say(hub: &Hub, room: &str, number: u64) -> Result<()> {
    let room = hub.group(("room", room)).unwrap();
    room.broadcast(Json(number))
}

fn gap(room: &str, messages: Option<u64>) -> Value {
    json!({ "gap": format!("room:{room}"), "messages": messages })
}

async fn lost(hub: &Hub) {
    until("the broker to be missed", || !hub.readiness().is_ready()).await;
}

#[tokio::test]
async fn every_member_of_every_group_is_told_once_before_it_hears_more() {
    let broker = MemoryBroker::new();
    let (here, there) = (node(&broker).await, Hub::with_broker(broker.clone()));
    let (mut ada, mut bob) = (enter(&here, "a").await, enter(&here, "b").await);
    there.ready().await;
    say(&there, "a", 1).unwrap();
    assert_eq!(ada.json().await, 1);
    broker.fail();
    lost(&here.hub).await;
    lost(&there).await;
    // One that comes meanwhile is served, and may have missed something too.
    let mut cem = enter(&here, "c").await;
    broker.recover();
    here.hub.ready().await;
    there.ready().await;
    for (room, client) in [("a", &mut ada), ("b", &mut bob), ("c", &mut cem)] {
        assert_eq!(client.json().await, gap(room, None));
        say(&there, room, 2).unwrap();
        assert_eq!(client.json().await, 2);
    }
    assert_eq!(here.hub.stats().broker.gaps, 3);
    assert_eq!(here.hub.stats().broker.sessions, 2);
}

#[tokio::test]
async fn a_publisher_without_the_broker_fails_at_once_and_members_elsewhere_learn_how_much_they_missed()
 {
    let broker = MemoryBroker::new();
    let here = node(&broker).await;
    let mut ada = enter(&here, "a").await;
    let mut dan = enter(&here, "d").await;
    let faulty = MemoryBroker::new();
    // A node whose own way to the broker fails, while the others' goes on.
    let there = Hub::with_broker(crate::groups::detour::Detour::new(&broker, &faulty));
    there.ready().await;
    say(&there, "a", 1).unwrap();
    assert_eq!(ada.json().await, 1);
    faulty.fail();
    lost(&there).await;
    for number in 2..=4 {
        let error = say(&there, "a", number).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Broker);
    }
    assert_eq!(there.stats().broker.lost, 3);
    there.flush().await.unwrap_err();
    faulty.recover();
    there.ready().await;
    assert_eq!(ada.json().await, gap("a", Some(3)));
    say(&there, "a", 5).unwrap();
    assert_eq!(ada.json().await, 5);
    // Nobody else was concerned.
    say(&there, "d", 6).unwrap();
    assert_eq!(dan.json().await, 6);
    there.flush().await.unwrap();
}

#[tokio::test]
async fn a_node_is_ready_when_the_others_are_heard_and_serves_before_that() {
    let broker = MemoryBroker::new();
    broker.fail();
    let server = node(&broker).await;
    lost(&server.hub).await;
    let why = "the broker in memory cannot be reached: it was made to fail";
    until("the reason", || server.hub.readiness().to_string() == why).await;
    assert!(ask(&server).await.starts_with("HTTP/1.1 503 "));
    let mut client = enter(&server, "a").await;
    say(&server.hub, "a", 1).unwrap_err();
    assert_eq!(client.json().await, 1, "members here hear it all the same");
    broker.recover();
    server.hub.ready().await;
    assert!(ask(&server).await.starts_with("HTTP/1.1 200 "));
    assert_eq!(client.json().await, gap("a", None));
    let hub = server.hub.clone();
    server.handle.stop();
    server.ended.await.unwrap().unwrap();
    assert!(!hub.readiness().is_ready());
}

/// Leaves gaps to the framework.
struct Typed;

#[sockeye::handler]
impl Typed {
    fn groups(&self, _: &Context<Self>) -> Result<Vec<GroupName>> {
        Ok(vec![GroupName::new(["room"])?])
    }

    #[on]
    async fn say(&mut self, message: Say) -> Said {
        Said { text: message.text }
    }
}

#[derive(sockeye::Message)]
#[message(incoming)]
struct Say {
    text: String,
}

#[derive(sockeye::Message)]
#[message(outgoing)]
struct Said {
    text: String,
}

#[tokio::test]
async fn clients_of_typed_messages_are_told_where_their_handler_says_nothing() {
    let broker = MemoryBroker::new();
    let hub = Hub::with_broker(broker.clone());
    let server = serve(Router::new().hub(&hub).route("/", endpoint(|| Typed))).await;
    let mut client = server.connect("/").await;
    until("a member", || hub.stats().memberships == 1).await;
    broker.fail();
    lost(&hub).await;
    broker.recover();
    let told = json!({"action": "gap", "payload": {"group": "room", "messages": null}});
    assert_eq!(client.json().await, told);
}

#[tokio::test]
async fn a_hub_without_a_server_publishes_and_says_when_all_has_left() {
    let broker = MemoryBroker::new();
    let here = node(&broker).await;
    let mut ada = enter(&here, "a").await;
    let job = Hub::with_broker(broker);
    for number in 0..1_000 {
        say(&job, "a", number).unwrap();
    }
    job.flush().await.unwrap();
    drop(job);
    for number in 0..1_000 {
        assert_eq!(ada.json().await, number);
    }
}
