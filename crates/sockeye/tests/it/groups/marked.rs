//! Marked messages: each member learns whether it sent them, and what follows a message of a group where that is wanted.

use std::collections::HashMap;

use axum::extract::Query;
use serde_json::{Value, json};
use sockeye::{
    Context, GroupName, Handler, Hub, Json, Marked, MemoryBroker, Options, Result, Router, endpoint,
};

use crate::harness::{Client, serve, until};

/// A member of one room that says what it hears, marked, in the way its first word tells.
struct Speaker;

impl Handler for Speaker {
    type Incoming = Json<Vec<Value>>;
    type Outgoing = Marked<Value>;

    fn groups(&self, _: &Context<Self>) -> Result<Vec<GroupName>> {
        Ok(vec![GroupName::new(["room"])?])
    }

    async fn on_message(
        &mut self,
        cx: &mut Context<Self>,
        Json(said): Json<Vec<Value>>,
    ) -> Result<()> {
        let [way, message] = &said[..] else {
            return Ok(());
        };
        let message = Marked(message.clone());
        match way.as_str() {
            Some("all") => cx.broadcast(message),
            Some("others") => cx.broadcast_to_others(message),
            Some("named") => cx.group("room")?.broadcast(message),
            _ => cx.reply(message),
        }
    }
}

/// What a connection without a user learns.
fn marked(is_current: bool) -> Value {
    marks(false, is_current)
}

async fn speak(client: &mut Client, way: &str, message: Value) {
    client.send(json!([way, message]).to_string()).await;
}

#[tokio::test]
async fn c11_each_member_learns_whether_its_own_connection_sent_a_message() {
    let speaker = endpoint(|| Speaker);
    let server = serve(Router::new().route("/", speaker)).await;
    let (mut sender, mut other) = (server.connect("/").await, server.connect("/").await);
    for way in ["all", "named"] {
        speak(&mut sender, way, json!({ "action": "said" })).await;
        // Nobody is signed in, so that only the connection itself is known to be the sender's.
        assert_eq!(sender.json().await, marked(true));
        assert_eq!(other.json().await, marked(false));
    }
    speak(&mut sender, "others", json!({ "action": "said" })).await;
    assert_eq!(other.json().await, marked(false));
    server
        .hub
        .group("room")
        .unwrap()
        .broadcast(Marked(json!({ "action": "said" })))
        .unwrap();
    assert_eq!(sender.json().await, marked(false));
    assert_eq!(other.json().await, marked(false));
}

/// Whoever the query names.
async fn by_name(Query(query): Query<HashMap<String, String>>) -> Result<Option<String>> {
    Ok(query.get("user").cloned())
}

fn room() -> Router {
    let speaker = endpoint(|| Speaker).authenticate(by_name);
    Router::new().route("/", speaker.allow_anonymous())
}

fn marks(is_mine: bool, is_current: bool) -> Value {
    json!({ "action": "said", "is_mine": is_mine, "is_current": is_current })
}

#[tokio::test]
async fn c11_each_connection_of_the_same_user_learns_that_a_message_is_its_users_own() {
    let server = serve(room()).await;
    let mut sender = server.connect("/?user=ada").await;
    let mut sibling = server.connect("/?user=ada").await;
    let mut stranger = server.connect("/?user=bob").await;
    let mut nobody = server.connect("/").await;
    for way in ["all", "named"] {
        speak(&mut sender, way, json!({ "action": "said" })).await;
        assert_eq!(sender.json().await, marks(true, true));
        assert_eq!(sibling.json().await, marks(true, false));
        assert_eq!(stranger.json().await, marks(false, false));
        assert_eq!(nobody.json().await, marks(false, false));
    }
    speak(&mut nobody, "others", json!({ "action": "said" })).await;
    for client in [&mut sender, &mut sibling, &mut stranger] {
        assert_eq!(client.json().await, marks(false, false));
    }
}

#[tokio::test]
async fn c11_the_same_user_on_another_node_learns_it_too() {
    let broker = MemoryBroker::new();
    let hubs = [broker.clone(), broker].map(Hub::with_broker);
    let here = serve(room().hub(&hubs[0])).await;
    let there = serve(room().hub(&hubs[1])).await;
    let mut sender = here.connect("/?user=ada").await;
    let mut sibling = there.connect("/?user=ada").await;
    let mut stranger = there.connect("/?user=bob").await;
    let members = |hub: &Hub, count| {
        let group = hub.group("room").unwrap();
        async move { until("members", || group.members() == count).await }
    };
    members(&hubs[0], 1).await;
    members(&hubs[1], 2).await;
    speak(&mut sender, "all", json!({ "action": "said" })).await;
    assert_eq!(sender.json().await, marks(true, true));
    assert_eq!(sibling.json().await, marks(true, false));
    assert_eq!(stranger.json().await, marks(false, false));
}

#[tokio::test]
async fn c11_marks_keep_the_order_of_a_burst_and_cost_the_others_nothing() {
    let mut options = Options::default();
    options.rate = None;
    let speaker = endpoint(|| Speaker).options(options);
    let server = serve(Router::new().route("/", speaker)).await;
    let (mut sender, mut other) = (server.connect("/").await, server.connect("/").await);
    for number in 0..200 {
        speak(&mut sender, "all", json!({ "n": number })).await;
    }
    for number in 0..200 {
        for (client, own) in [(&mut sender, true), (&mut other, false)] {
            let heard = client.json().await;
            assert_eq!(
                heard,
                json!({ "n": number, "is_mine": false, "is_current": own })
            );
        }
    }
}

#[tokio::test]
async fn what_is_no_object_cannot_be_marked() {
    let server = serve(Router::new().route("/", endpoint(|| Speaker))).await;
    let room = server.hub.group("room").unwrap();
    let error = room.broadcast(Marked("text")).unwrap_err();
    assert_eq!(error.kind(), sockeye::ErrorKind::Encoding);
}

#[tokio::test]
async fn c12_a_message_of_a_group_is_followed_by_one_that_says_so_where_that_is_wanted() {
    let mut options = Options::default();
    options.group_completion = true;
    options.wire.action_key = "type".into();
    let told = endpoint(|| Speaker).options(options);
    let routes = Router::new()
        .route("/told", told)
        .route("/plain", endpoint(|| Speaker));
    let server = serve(routes).await;
    let (mut told, mut plain) = (
        server.connect("/told").await,
        server.connect("/plain").await,
    );
    for _ in 0..2 {
        speak(&mut plain, "all", json!({ "action": "said" })).await;
        assert_eq!(told.json().await, marked(false));
        assert_eq!(told.json().await, json!({ "type": "group_complete" }));
        assert_eq!(plain.json().await, marked(true));
    }
    speak(&mut told, "reply", json!({ "direct": 1 })).await;
    assert_eq!(told.json().await, json!({ "direct": 1 }));
    speak(&mut told, "all", json!({ "action": "said" })).await;
    assert_eq!(told.json().await, marked(true));
    assert_eq!(told.json().await, json!({ "type": "group_complete" }));
    assert_eq!(plain.json().await, marked(false));
}
