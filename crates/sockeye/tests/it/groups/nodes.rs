//! Two nodes on one broker: what one publishes the other's members hear, as long as there are any.

use std::sync::Arc;
use std::time::Duration;

use sockeye::{
    Broker, BrokerFuture, Context, Error, ErrorKind, Handler, Hub, Inbound, MemoryBroker, OnError,
    Result, Router, Session, endpoint,
};
use tokio::task::JoinSet;

use crate::groups::broker::{Record, Slow};
use crate::groups::{Member, join, leave, member, unhurried};
use crate::harness::{Client, Running, serve, until};

/// Enough answers for any test.
const ALL: usize = 1 << 20;

/// A node on a slow broker, and what is known of that.
async fn node(broker: &MemoryBroker, answers: usize) -> (Running, Arc<Record>) {
    let record = Record::new(answers);
    let hub = Hub::with_broker(Slow::new(broker.clone(), &record));
    let mut options = unhurried();
    options.on_error = OnError::Reply;
    options.hook_timeout = Duration::from_secs(3600);
    let member = endpoint(|| Member).options(options);
    (
        serve(Router::new().route("/", member).hub(&hub)).await,
        record,
    )
}

#[tokio::test]
async fn members_on_two_nodes_hear_each_other_once() {
    let broker = MemoryBroker::new();
    let hubs = [broker.clone(), broker].map(Hub::with_broker);
    let mut clients = Vec::new();
    let mut servers = Vec::new();
    for hub in &hubs {
        let server = serve(Router::new().route("/", member()).hub(hub)).await;
        let mut client = server.connect("/").await;
        join(&mut client, "one").await;
        clients.push(client);
        servers.push(server);
    }
    for (from, to) in [(0, 1), (1, 0)] {
        clients[from].send("say hi").await;
        assert_eq!(clients[from].text().await, "said hi");
        assert_eq!(clients[from].text().await, "hi");
        assert_eq!(clients[to].text().await, "hi");
    }
    // Neither heard anything twice, or of itself from afar.
    for client in &mut clients {
        leave(client, "one").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_here_and_elsewhere_hear_what_a_node_publishes_in_one_order() {
    const EACH: usize = 2_000;
    let broker = MemoryBroker::new();
    let hubs = [broker.clone(), broker].map(Hub::with_broker);
    let mut clients = Vec::new();
    for hub in &hubs {
        let server = serve(Router::new().route("/", member()).hub(hub)).await;
        let mut client = server.connect("/").await;
        join(&mut client, "one").await;
        clients.push((client, server));
    }
    let publish = |name: usize| {
        let room = hubs[0].group(("room", "one")).unwrap();
        move || (0..EACH).for_each(|at| room.broadcast(format!("{name} {at}")).unwrap())
    };
    let threads: Vec<_> = (0..3)
        .map(|name| std::thread::spawn(publish(name)))
        .collect();
    let mut heard = Vec::new();
    for (client, _) in &mut clients {
        let mut texts = Vec::new();
        while texts.len() < 3 * EACH {
            texts.push(client.text().await);
        }
        heard.push(texts);
    }
    for thread in threads {
        thread.join().unwrap();
    }
    let differ = heard[0].iter().zip(&heard[1]).position(|(a, b)| a != b);
    assert_eq!(differ, None);
}

#[tokio::test]
async fn a_node_is_subscribed_while_it_has_members() {
    let (server, record) = node(&MemoryBroker::new(), ALL).await;
    let mut ada = server.connect("/").await;
    let mut bob = server.connect("/").await;
    assert_eq!(record.live(), 0);
    join(&mut ada, "one").await;
    assert_eq!(record.live(), 1);
    join(&mut bob, "one").await;
    join(&mut bob, "two").await;
    assert_eq!(record.live(), 2);
    leave(&mut ada, "one").await;
    until("one call at most", || record.waiting() == 0).await;
    assert_eq!(record.live(), 2);
    leave(&mut bob, "one").await;
    until("one subscription", || record.live() == 1).await;
    drop(bob);
    until("no subscription", || record.live() == 0).await;
    drop(ada);
    server.empty().await;
}

/// Joins in its first hook.
struct Joining;

impl Handler for Joining {
    type Incoming = String;
    type Outgoing = String;

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.join(("room", "one")).await
    }
}

#[tokio::test]
async fn a_join_that_is_given_up_leaves_no_subscription() {
    let record = Record::new(0);
    let hub = Hub::with_broker(Slow::new(MemoryBroker::new(), &record));
    let mut options = unhurried();
    options.hook_timeout = Duration::from_millis(50);
    let joining = endpoint(|| Joining).options(options);
    let server = serve(Router::new().route("/", joining).hub(&hub)).await;
    let mut client = server.connect("/").await;
    // The broker has subscribed, but nobody hears of it.
    until("a subscription", || record.live() == 1).await;
    assert_eq!(client.closed().await, Some((1011, "internal error".into())));
    server.empty().await;
    record.answer(1);
    until("no subscription", || record.live() == 0).await;
}

#[tokio::test]
async fn a_join_that_fails_leaves_no_subscription_and_the_next_may_succeed() {
    let (server, record) = node(&MemoryBroker::new(), ALL).await;
    let mut ada = server.connect("/").await;
    record.fail(1);
    ada.send("join one").await;
    assert_eq!(ada.json().await["action"], "error");
    server.members("room", "one", 0).await;
    until("no group", || server.hub.stats().groups == 0).await;
    assert_eq!(record.live(), 0);
    join(&mut ada, "one").await;
    assert_eq!(record.live(), 1);
}

/// Joins, hears what is published elsewhere from then on, leaves; many times.
async fn come_and_go(mut client: Client, elsewhere: Hub, name: usize) {
    let room = elsewhere.group(("room", "one")).unwrap();
    for round in 0..40 {
        // What others were told may come before what this one waits for.
        client.send("join one").await;
        skip_to(&mut client, "joined one").await;
        let text = format!("{name} {round}");
        room.broadcast(&text).unwrap();
        skip_to(&mut client, &text).await;
        client.send("leave one").await;
        skip_to(&mut client, "left one true").await;
    }
}

async fn skip_to(client: &mut Client, text: &str) {
    while client.text().await != text {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_last_leave_and_a_new_join_that_meet_lose_nothing() {
    let broker = MemoryBroker::new();
    let elsewhere = Hub::with_broker(broker.clone());
    let (server, record) = node(&broker, ALL).await;
    let mut clients = JoinSet::new();
    for name in 0..6 {
        let client = server.connect("/").await;
        clients.spawn(come_and_go(client, elsewhere.clone(), name));
    }
    clients.join_all().await;
    server.empty().await;
    until("no subscription", || record.live() == 0).await;
}

/// A broker that nobody can reach.
struct Away;

impl Broker for Away {
    fn describe(&self) -> String {
        "the broker".to_owned()
    }

    fn connect(&self, _: Inbound) -> BrokerFuture<'_, Box<dyn Session>> {
        Box::pin(std::future::ready(Err(Error::new("it is away"))))
    }
}

#[tokio::test]
async fn a_publisher_hears_that_other_nodes_are_away_and_members_here_hear_all_the_same() {
    let hub = Hub::with_broker(Away);
    let server = serve(Router::new().route("/", member()).hub(&hub)).await;
    let why = "the broker cannot be reached: it is away";
    until("what is wrong", || hub.readiness().to_string() == why).await;
    let mut client = server.connect("/").await;
    join(&mut client, "one").await;
    let room = hub.group(("room", "one")).unwrap();
    let error = room.broadcast("hi").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Broker);
    let text = format!("cannot publish to room:one on other nodes: {why}");
    assert_eq!(error.to_string(), text);
    assert_eq!(client.text().await, "hi");
}
