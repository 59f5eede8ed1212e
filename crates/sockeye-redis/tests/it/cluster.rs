//! Cluster: three masters with their shares of the topics, one of which dies and comes back.

use std::collections::BTreeMap;
use std::time::Duration;

use fixtures::Redis;
use sockeye::Hub;
use sockeye_redis::RedisBroker;

use crate::harness::{Client, Node, room, until, within};

/// Names that spread over the masters.
const ROOMS: usize = 12;

fn broker(nodes: &[Redis]) -> RedisBroker {
    RedisBroker::cluster(nodes.iter().map(Redis::url)).unwrap()
}

async fn node(nodes: &[Redis]) -> Node {
    let node = Node::with(Hub::with_broker(broker(nodes))).await;
    within("a session", node.hub.ready()).await;
    node
}

/// A member of each room.
async fn members(node: &Node) -> Vec<Client> {
    let mut members = Vec::new();
    for number in 0..ROOMS {
        members.push(node.member(&number.to_string()).await);
    }
    members
}

/// The rooms whose channels each of the masters serves.
async fn shares(nodes: &[Redis]) -> Vec<Vec<usize>> {
    let mut shares = Vec::new();
    for node in nodes {
        let channels = node.shard_channels().await;
        let rooms = channels
            .iter()
            .filter_map(|channel| channel.strip_prefix("sockeye:room:"));
        shares.push(rooms.map(|room| room.parse().unwrap()).collect());
    }
    shares
}

#[tokio::test]
async fn messages_cross_over_all_masters_in_order_and_once() {
    let nodes = Redis::start_cluster(3).await;
    let (one, two) = (node(&nodes).await, node(&nodes).await);
    let mut members = members(&two).await;
    let shares = shares(&nodes).await;
    assert!(shares.iter().all(|share| !share.is_empty()), "{shares:?}");
    assert_eq!(shares.iter().map(Vec::len).sum::<usize>(), ROOMS);
    for text in 0..50 {
        for number in 0..ROOMS {
            room(&one.hub, &number.to_string())
                .broadcast(text.to_string())
                .unwrap();
        }
    }
    for member in &mut members {
        for text in 0..50 {
            assert_eq!(member.text().await, text.to_string());
        }
        member.has_heard_all().await;
    }
    within("all published", one.hub.flush()).await.unwrap();
    assert_eq!(two.stats().received, 50 * ROOMS as u64);
    // Left, nothing of a room is left.
    drop(members);
    until("no subscription", || two.stats().subscriptions == 0).await;
}

#[tokio::test]
async fn one_seed_of_many_is_enough() {
    let mut nodes = Redis::start_cluster(3).await;
    let one = broker(&nodes[1..2]);
    within("a session", Hub::with_broker(one).ready()).await;
    nodes[0].freeze();
    let hub = Hub::with_broker(broker(&nodes));
    until("a session without the one that hangs", || {
        hub.stats().broker.sessions > 0
    })
    .await;
    nodes[0].thaw();
    nodes[0].kill().await;
}

#[tokio::test]
async fn when_a_master_is_killed_the_other_topics_come_back_and_with_it_its_own() {
    let mut nodes = Redis::start_cluster(3).await;
    let two = node(&nodes).await;
    let mut members: BTreeMap<_, _> = members(&two).await.into_iter().enumerate().collect();
    let shares = shares(&nodes).await;
    let dead = 0;
    nodes[dead].kill().await;
    until("a new session", || two.stats().sessions > 1).await;
    within("a session", two.hub.ready()).await;
    let other = 1;
    for number in &shares[other] {
        let member = members.get_mut(number).unwrap();
        assert_eq!(member.text().await, format!("gap room:{number} None"));
        nodes[other]
            .ask(&format!("SPUBLISH sockeye:room:{number} alive"))
            .await;
        until_text(member, "alive").await;
    }
    // What is published where nobody is, is lost, and nothing else is.
    let sessions = two.stats().sessions;
    let (lost, taken) = (shares[dead][0].to_string(), shares[other][0]);
    room(&two.hub, &lost).broadcast("lost").unwrap();
    room(&two.hub, &taken.to_string())
        .broadcast("taken")
        .unwrap();
    assert!(within("an answer to all", two.hub.flush()).await.is_err());
    until_text(members.get_mut(&taken).unwrap(), "taken").await;
    assert_eq!(two.stats().sessions, sessions);
    nodes[dead].restart().await;
    until("a session with all", || two.stats().sessions > sessions).await;
    within("a session", two.hub.ready()).await;
    let number = shares[dead][0];
    let member = members.get_mut(&number).unwrap();
    until_text(member, "lost").await;
    within("a live subscription", async {
        while nodes[dead]
            .ask(&format!("SPUBLISH sockeye:room:{number} back"))
            .await
            != ":1"
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    until_text(member, "back").await;
}

/// Packets to such a master vanish, so that each look at it takes its time.
#[tokio::test]
async fn a_master_that_hangs_holds_up_no_other_topic_however_many_it_has() {
    let nodes = Redis::start_cluster(3).await;
    let two = node(&nodes).await;
    // A third of them are of the master that hangs; if each of those took a look, nobody could wait for that.
    let mut members = Vec::new();
    for number in 0..90 {
        members.push(two.member(&number.to_string()).await);
    }
    let shares = shares(&nodes).await;
    nodes[0].freeze();
    until("a new session", || two.stats().sessions > 1).await;
    within("a session", two.hub.ready()).await;
    let number = shares[1][0];
    let publish = format!("SPUBLISH sockeye:room:{number} alive");
    assert_eq!(nodes[1].ask(&publish).await, ":1");
    until_text(&mut members[number], "alive").await;
    nodes[0].thaw();
}

#[tokio::test]
async fn a_slot_that_moves_takes_its_topic_with_it() {
    let nodes = Redis::start_cluster(3).await;
    let two = node(&nodes).await;
    let mut member = two.member("lobby").await;
    let slot = 11883;
    let from = slot * 3 / 16384;
    let to = (from + 1) % 3;
    let id = nodes[to].ask("CLUSTER MYID").await;
    let id = id.lines().last().unwrap();
    // First where it goes, then where it leaves, as for slots without keys.
    for index in [to, from, 3 - to - from] {
        let moved = nodes[index]
            .ask(&format!("CLUSTER SETSLOT {slot} NODE {id}"))
            .await;
        assert_eq!(moved, "+OK");
    }
    until("a new session", || two.stats().sessions > 1).await;
    within("a session", two.hub.ready()).await;
    within("a live subscription", async {
        while nodes[to].ask("SPUBLISH sockeye:room:lobby moved").await != ":1" {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    until_text(&mut member, "moved").await;
}

#[tokio::test]
async fn a_replica_that_takes_over_serves_the_topics_of_its_master() {
    let mut nodes = Redis::start_cluster(3).await;
    let two = node(&nodes).await;
    let mut members = members(&two).await;
    let number = shares(&nodes).await[1][0];
    let member = &mut members[number];
    let replica = Redis::start_replica(&nodes[1], 3).await;
    nodes[1].kill().await;
    // First without the master, then with another one.
    within("a live subscription", async {
        let publish = format!("SPUBLISH sockeye:room:{number} taken");
        while replica.ask(&publish).await != ":1" {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    until_text(member, "taken").await;
    room(&two.hub, &number.to_string())
        .broadcast("over")
        .unwrap();
    within("all published", two.hub.flush()).await.unwrap();
}

#[test]
fn a_cluster_has_a_url_at_least() {
    let error = RedisBroker::cluster(Vec::<String>::new())
        .map(|_| ())
        .unwrap_err();
    assert!(error.to_string().contains("name one node at least"));
}

/// Reads until a text comes; what comes before are gaps.
async fn until_text(member: &mut Client, text: &str) {
    loop {
        let found = member.text().await;
        if found == text {
            return;
        }
        assert!(found.starts_with("gap "), "{found}");
    }
}
