//! Presence: who is tracked in a group, on three nodes, and what the others hear of their coming and going.

use std::time::Duration;

use serde_json::{Value, json};
use sockeye::{
    Context, ErrorKind, Event, GroupName, Handler, Hub, HubOptions, Json, MemoryBroker, Result,
    Router, endpoint,
};
use tokio::runtime::Runtime;

use crate::harness::{Client, Running, serve, until};

/// Is tracked by the name that its client says, and says who else is there.
struct Guest;

impl Handler for Guest {
    type Incoming = Json<Value>;
    type Outgoing = Json<Value>;

    fn groups(&self, _: &Context<Self>) -> Result<Vec<GroupName>> {
        Ok(vec![GroupName::new(["room"])?])
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, message: Json<Value>) -> Result<()> {
        let answer = match &message.0 {
            Value::Null => json!(cx.untrack("room")?),
            name => json!(cx.track("room", name).err().map(|error| error.to_string())),
        };
        cx.reply(Json(answer))
    }

    async fn on_event(&mut self, cx: &mut Context<Self>, event: Event) -> Result<()> {
        let presence = event.presence().expect("only presence is told");
        let name: Value = presence.who.info()?;
        cx.reply(Json(json!([presence.change, name])))
    }
}

fn hub(broker: &MemoryBroker) -> Hub {
    let mut options = HubOptions::default();
    options.lease = Duration::from_secs(1);
    Hub::with(broker.clone(), options)
}

async fn node(broker: &MemoryBroker) -> Running {
    let hub = hub(broker);
    hub.ready().await;
    let routes = Router::new().hub(&hub);
    serve(routes.route("/", endpoint(|| Guest))).await
}

async fn track(client: &mut Client, name: &str) {
    client.send(json!(name).to_string()).await;
    assert_eq!(client.json().await, Value::Null);
}

async fn names(hub: &Hub) -> Vec<String> {
    let room = hub.group("room").unwrap();
    let present = room.roster().await;
    let mut names: Vec<String> = present.iter().map(|one| one.info().unwrap()).collect();
    names.sort();
    names
}

/// Waits until a node knows of just these.
async fn lists(hub: &Hub, expected: &[&str]) {
    let mut found = names(hub).await;
    for _ in 0..200 {
        if found == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        found = names(hub).await;
    }
    assert_eq!(found, expected);
}

async fn hears(client: &mut Client, change: &str, name: &str) {
    assert_eq!(client.json().await, json!([change, name]));
}

#[tokio::test]
async fn all_nodes_know_who_is_there_and_members_hear_who_comes_changes_and_goes() {
    let broker = MemoryBroker::new();
    let (one, two) = (node(&broker).await, node(&broker).await);
    let (mut ada, mut bob) = (one.connect("/").await, two.connect("/").await);
    until("the nodes", || {
        one.hub.stats().memberships + two.hub.stats().memberships == 2
    })
    .await;
    track(&mut ada, "ada").await;
    // Nobody hears of a roster before somebody here has looked at it or is in it.
    track(&mut bob, "bob").await;
    hears(&mut ada, "joined", "bob").await;
    hears(&mut bob, "joined", "ada").await;
    track(&mut bob, "robert").await;
    hears(&mut ada, "updated", "robert").await;
    lists(&one.hub, &["ada", "robert"]).await;
    lists(&two.hub, &["ada", "robert"]).await;
    // One without members asks the others.
    let job = hub(&broker);
    job.ready().await;
    lists(&job, &["ada", "robert"]).await;
    assert_eq!(job.group("room").unwrap().count().await, 2);
    ada.send("null").await;
    assert_eq!(ada.json().await, true);
    hears(&mut bob, "left", "ada").await;
    drop(bob);
    hears(&mut ada, "left", "robert").await;
    lists(&one.hub, &[]).await;
    lists(&job, &[]).await;
}

#[tokio::test]
async fn what_is_seen_is_bounded_and_only_members_are() {
    // Clients that do not read answer no pings; they are to stay however long this takes.
    let guest = endpoint(|| Guest).configure(|options| {
        options.heartbeat.interval = Duration::from_secs(3600);
    });
    let server = serve(Router::new().route("/", guest)).await;
    let mut ada = server.connect("/").await;
    ada.send(json!("x".repeat(1024)).to_string()).await;
    let refused = "cannot be tracked in room: the info has 1026 bytes, at most 1024 are allowed";
    assert_eq!(ada.json().await, refused);
    track(&mut ada, &"x".repeat(1000)).await;
    let mut others = Vec::new();
    let refused = loop {
        assert!(others.len() < 600, "no limit");
        let mut client = server.connect("/").await;
        client.send(json!("x".repeat(1000)).to_string()).await;
        match client.json().await {
            Value::Null => others.push(client),
            refused => break refused,
        }
    };
    assert!(
        refused
            .as_str()
            .unwrap()
            .contains("at most 524288 are allowed"),
        "{refused}"
    );
    assert!(others.len() > 400, "{}", others.len());
}

#[tokio::test]
async fn a_node_that_is_silent_is_given_up_with_all_its_members_and_each_leave_is_told_once() {
    let broker = MemoryBroker::new();
    let one = node(&broker).await;
    let mut ada = one.connect("/").await;
    track(&mut ada, "ada").await;
    // Another node, which ends without a word: nothing of it runs any more.
    let (runtime, other) = (Runtime::new().unwrap(), broker.clone());
    let mut guests = runtime
        .spawn(async move {
            let two = node(&other).await;
            let mut guests = Vec::new();
            for name in ["bob", "cem"] {
                let mut guest = two.connect("/").await;
                guest.send(json!(name).to_string()).await;
                guests.push(guest);
            }
            guests
        })
        .await
        .unwrap();
    let mut joined = vec![ada.json().await, ada.json().await];
    joined.sort_by_key(Value::to_string);
    assert_eq!(joined, [json!(["joined", "bob"]), json!(["joined", "cem"])]);
    runtime.shutdown_background();
    guests.clear();
    let mut left = vec![ada.json().await, ada.json().await];
    left.sort_by_key(Value::to_string);
    assert_eq!(left, [json!(["left", "bob"]), json!(["left", "cem"])]);
    lists(&one.hub, &["ada"]).await;
    // Told once: the next that is heard is something else.
    let mut dan = one.connect("/").await;
    track(&mut dan, "dan").await;
    hears(&mut ada, "joined", "dan").await;
}

#[tokio::test]
async fn what_was_missed_while_the_broker_was_away_is_made_good() {
    let broker = MemoryBroker::new();
    let (one, two) = (node(&broker).await, node(&broker).await);
    let (mut ada, mut bob) = (one.connect("/").await, two.connect("/").await);
    track(&mut bob, "bob").await;
    track(&mut ada, "ada").await;
    hears(&mut bob, "joined", "ada").await;
    hears(&mut ada, "joined", "bob").await;
    broker.fail();
    until("the end of both sessions", || {
        !one.hub.readiness().is_ready() && !two.hub.readiness().is_ready()
    })
    .await;
    drop(bob);
    until("an empty node", || two.hub.stats().connections == 0).await;
    let mut cem = two.connect("/").await;
    track(&mut cem, "cem").await;
    // Longer than a lease: who cannot be heard is not given up for that.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(names(&one.hub).await, ["ada", "bob"]);
    broker.recover();
    let mut news = vec![ada.json().await, ada.json().await];
    news.sort_by_key(Value::to_string);
    assert_eq!(news, [json!(["joined", "cem"]), json!(["left", "bob"])]);
    lists(&two.hub, &["ada", "cem"]).await;
}

#[tokio::test]
async fn only_members_can_be_tracked() {
    let (sent, mut kinds) = tokio::sync::mpsc::channel(1);
    let stranger = move |socket: sockeye::WebSocket| {
        let sent = sent.clone();
        async move {
            let error = socket.track("room", "me").unwrap_err();
            sent.send((error.kind(), error.to_string())).await.unwrap();
        }
    };
    let server = serve(Router::new().route("/", stranger)).await;
    let _client = server.connect("/").await;
    let (kind, text) = kinds.recv().await.unwrap();
    assert_eq!(kind, ErrorKind::Application);
    assert_eq!(text, "cannot be tracked in room: join it first");
}

#[tokio::test]
async fn a_node_that_has_just_come_knows_who_is_there() {
    let broker = MemoryBroker::new();
    let one = node(&broker).await;
    let mut ada = one.connect("/").await;
    track(&mut ada, "ada").await;
    let job = hub(&broker);
    job.ready().await;
    assert_eq!(names(&job).await, ["ada"]);
    let job = hub(&broker);
    job.ready().await;
    assert_eq!(job.group("room").unwrap().count().await, 1);
}

#[tokio::test]
async fn a_node_that_was_silent_for_too_long_is_believed_again() {
    let broker = MemoryBroker::new();
    let one = node(&broker).await;
    let mut ada = one.connect("/").await;
    track(&mut ada, "ada").await;
    // Another node, all of which stands still until it is told to go on.
    let (go_on, told) = std::sync::mpsc::channel::<()>();
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let other = broker.clone();
    let other = std::thread::spawn(move || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let still = async move {
            let two = node(&other).await;
            let mut bob = two.connect("/").await;
            track(&mut bob, "bob").await;
            told.recv().unwrap();
            ended.await.unwrap();
        };
        runtime.enable_all().build().unwrap().block_on(still);
    });
    hears(&mut ada, "joined", "bob").await;
    hears(&mut ada, "left", "bob").await;
    go_on.send(()).unwrap();
    hears(&mut ada, "joined", "bob").await;
    lists(&one.hub, &["ada", "bob"]).await;
    end.send(()).unwrap();
    other.join().unwrap();
}
