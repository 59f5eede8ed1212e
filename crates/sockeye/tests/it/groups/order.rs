//! The order of publications: one for all members, and each publisher's own within it.

use std::sync::{Arc, Mutex};

use sockeye::{Context, Group, Handler, Hub, HubOptions, Result, Router, endpoint};
use tokio::task::JoinSet;

use crate::groups::{Member, join, member, unhurried};
use crate::harness::{Client, serve};

const PUBLISHERS: usize = 4;
const LISTENERS: usize = 4;
const MESSAGES: usize = 250;

/// Says all its messages without waiting for anything, and gives everything that its client heard.
async fn publish(mut client: Client, name: usize) -> Vec<String> {
    for at in 0..MESSAGES {
        client.send(format!("say {name} {at}")).await;
    }
    listen(client, (PUBLISHERS + 1) * MESSAGES).await
}

async fn listen(mut client: Client, count: usize) -> Vec<String> {
    let mut heard = Vec::new();
    while heard.len() < count {
        heard.push(client.text().await);
    }
    heard
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_members_hear_one_order_in_which_each_publishers_own_is_kept() {
    let server = serve(Router::new().route("/", member())).await;
    let mut clients = Vec::new();
    for _ in 0..PUBLISHERS + LISTENERS {
        let mut client = server.connect("/").await;
        join(&mut client, "one").await;
        clients.push(client);
    }
    let listeners = clients.split_off(PUBLISHERS);
    let mut hearing = JoinSet::new();
    for client in listeners {
        hearing.spawn(async { (None, listen(client, PUBLISHERS * MESSAGES).await) });
    }
    for (name, client) in clients.into_iter().enumerate() {
        hearing.spawn(async move { (Some(name), publish(client, name).await) });
    }
    let mut orders = Vec::new();
    for (name, mut heard) in hearing.join_all().await {
        if let Some(name) = name {
            own_order(name, &heard);
        }
        heard.retain(|text| !text.starts_with("said"));
        orders.push(heard);
    }
    assert!(orders.windows(2).all(|two| two[0] == two[1]));
    for name in 0..PUBLISHERS {
        let own = orders[0]
            .iter()
            .filter(|text| text.starts_with(&format!("{name} ")));
        let expected = (0..MESSAGES).map(|at| format!("{name} {at}"));
        assert!(
            own.eq(expected.collect::<Vec<_>>().iter()),
            "the order of {name}"
        );
    }
    server.empty().await;
}

/// To a publisher, each of its messages is answered and then heard before the next one is answered.
fn own_order(name: usize, heard: &[String]) {
    let own = format!("{name} ");
    let said = format!("said {name} ");
    let mine = heard
        .iter()
        .filter(|text| text.starts_with(&own) || text.starts_with(&said));
    let expected =
        (0..MESSAGES).flat_map(|at| [format!("said {name} {at}"), format!("{name} {at}")]);
    assert!(
        mine.eq(expected.collect::<Vec<_>>().iter()),
        "what {name} heard of itself"
    );
}

/// What each thread publishes: enough for two of them to meet between two shards.
const SHOUTS: usize = 2_500;

fn shout(room: &Group, name: usize) {
    for at in 0..SHOUTS {
        room.broadcast(format!("{name} {at}")).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn publications_from_anywhere_are_heard_in_one_order() {
    let mut options = unhurried();
    // Nobody is too slow for a test.
    options.outbox_bytes = 64 * 1024 * 1024;
    let member = endpoint(|| Member).options(options);
    let server = serve(Router::new().route("/", member)).await;
    let mut listeners = JoinSet::new();
    for _ in 0..LISTENERS {
        let mut client = server.connect("/").await;
        join(&mut client, "one").await;
        listeners.spawn(listen(client, PUBLISHERS * SHOUTS));
    }
    let room = server.hub.group(("room", "one")).unwrap();
    let threads: Vec<_> = (0..PUBLISHERS)
        .map(|name| (name, room.clone()))
        .map(|(name, room)| std::thread::spawn(move || shout(&room, name)))
        .collect();
    let orders = listeners.join_all().await;
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    assert!(orders.windows(2).all(|two| two[0] == two[1]));
    for name in 0..PUBLISHERS {
        let own = orders[0]
            .iter()
            .filter(|text| text.starts_with(&format!("{name} ")));
        let expected = (0..SHOUTS).map(|at| format!("{name} {at}"));
        assert!(
            own.eq(expected.collect::<Vec<_>>().iter()),
            "the order of {name}"
        );
    }
}

/// Answers `reply`, broadcasts anything else, and notes what it did in which order.
#[derive(Clone, Default)]
struct Noting(Arc<Mutex<Vec<String>>>);

impl Handler for Noting {
    type Incoming = String;
    type Outgoing = String;

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.join("room").await
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        self.0.lock().unwrap().push(text.clone());
        match text.starts_with("reply") {
            true => cx.reply(text),
            false => cx.broadcast(text),
        }
    }
}

/// In one runtime thread all that was sent is there when the shard looks: it handles them in one turn.
#[tokio::test]
async fn a_reply_stands_between_the_broadcasts_that_were_handled_before_and_after_it() {
    let noting = Noting::default();
    let mut options = HubOptions::default();
    options.shards = 1;
    let handed = noting.clone();
    let routes = Router::new().route("/", endpoint(move || handed.clone()));
    let server = serve(routes.hub(&Hub::with_options(options))).await;
    let mut clients = Vec::new();
    for at in 0..48 {
        let kind = if at % 4 == 3 { "broadcast" } else { "reply" };
        clients.push((format!("{kind} {at}"), server.connect("/").await));
    }
    for (text, client) in &mut clients {
        client.send(text.as_str()).await;
    }
    let mut heard = JoinSet::new();
    for (own, client) in clients {
        let replies = usize::from(own.starts_with("reply"));
        heard.spawn(async move { (own, listen(client, 12 + replies).await) });
    }
    let heard = heard.join_all().await;
    let handled = noting.0.lock().unwrap();
    for (own, heard) in heard {
        let is_for = |text: &&String| text.starts_with("broadcast") || **text == own;
        let expected: Vec<_> = handled.iter().filter(is_for).cloned().collect();
        assert_eq!(heard, expected);
    }
}
