//! Outages: Redis is not there yet, ends, is killed, hangs, and cuts connections.

use fixtures::Redis;
use sockeye::{ErrorKind, Hub};

use crate::harness::{Client, Node, broker, hub, room, until, within};

const GAP: &str = "gap room:lobby None";

/// Two nodes, each with a member of the lobby.
async fn lobby(redis: &Redis) -> (Node, Node, Client, Client) {
    let (one, two) = (Node::on(redis).await, Node::on(redis).await);
    let (ada, bob) = (one.member("lobby").await, two.member("lobby").await);
    (one, two, ada, bob)
}

/// Both hear of the gap, then of each other again.
async fn healed(one: &Node, two: &Node, ada: &mut Client, bob: &mut Client) {
    within("both ready", async {
        tokio::join!(one.hub.ready(), two.hub.ready())
    })
    .await;
    assert_eq!(ada.text().await, GAP);
    assert_eq!(bob.text().await, GAP);
    ada.send("say lobby again").await;
    while ada.text().await != "again" {}
    while bob.text().await != "again" {}
}

#[tokio::test]
async fn a_redis_that_is_not_there_at_the_start_is_waited_for() {
    let mut redis = Redis::start().await;
    redis.terminate().await;
    let node = Node::with(Hub::with_broker(broker(&redis))).await;
    let mut member = node.member("lobby").await;
    let place = format!("Redis at 127.0.0.1:{} cannot be reached", redis.port());
    until("a reason", || {
        node.hub.readiness().to_string().contains(&place)
    })
    .await;
    let error = room(&node.hub, "lobby")
        .broadcast("here alone")
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Broker);
    assert_eq!(member.text().await, "here alone");
    redis.restart().await;
    within("a session", node.hub.ready()).await;
    assert_eq!(member.text().await, GAP);
    redis.ask("PUBLISH sockeye:room:lobby hi").await;
    assert_eq!(member.text().await, "hi");
}

#[tokio::test]
async fn a10_a_redis_that_ends_and_comes_back_is_a_gap() {
    let mut redis = Redis::start().await;
    let (one, two, mut ada, mut bob) = lobby(&redis).await;
    for _ in 0..2 {
        redis.terminate().await;
        until("no session", || {
            !one.hub.readiness().is_ready() && !two.hub.readiness().is_ready()
        })
        .await;
        let error = room(&one.hub, "lobby").broadcast("lost").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Broker);
        assert_eq!(ada.text().await, "lost");
        redis.restart().await;
        healed(&one, &two, &mut ada, &mut bob).await;
    }
    assert_eq!(one.stats().sessions, 3);
    assert_eq!(
        redis
            .channels()
            .await
            .iter()
            .filter(|channel| channel.contains("room"))
            .count(),
        1
    );
}

#[tokio::test]
async fn a_redis_that_is_killed_and_comes_back_is_a_gap() {
    let mut redis = Redis::start().await;
    let (one, two, mut ada, mut bob) = lobby(&redis).await;
    redis.kill().await;
    redis.restart().await;
    until("new sessions", || {
        one.stats().sessions == 2 && two.stats().sessions == 2
    })
    .await;
    healed(&one, &two, &mut ada, &mut bob).await;
}

#[tokio::test]
async fn a_redis_that_hangs_is_noticed_and_a_gap() {
    let redis = Redis::start().await;
    let (one, two, mut ada, mut bob) = lobby(&redis).await;
    redis.freeze();
    until("no session", || {
        !one.hub.readiness().is_ready() && !two.hub.readiness().is_ready()
    })
    .await;
    redis.thaw();
    healed(&one, &two, &mut ada, &mut bob).await;
}

#[tokio::test]
async fn a_pause_that_is_shorter_than_the_heartbeat_loses_nothing() {
    let redis = Redis::start().await;
    let (one, two, mut ada, mut bob) = lobby(&redis).await;
    redis.freeze();
    for number in 0..100 {
        room(&one.hub, "lobby")
            .broadcast(number.to_string())
            .unwrap();
    }
    redis.thaw();
    for number in 0..100 {
        assert_eq!(ada.text().await, number.to_string());
        assert_eq!(bob.text().await, number.to_string());
    }
    assert_eq!((one.stats().sessions, two.stats().sessions), (1, 1));
    bob.has_heard_all().await;
}

#[tokio::test]
async fn either_connection_cut_is_a_new_session_and_a_gap() {
    let redis = Redis::start().await;
    let node = Node::on(&redis).await;
    let mut member = node.member("lobby").await;
    for (sessions, kind) in [(2, "pubsub"), (3, "normal")] {
        redis.ask(&format!("CLIENT KILL TYPE {kind}")).await;
        until("a new session", || node.stats().sessions == sessions).await;
        within("a session", node.hub.ready()).await;
        assert_eq!(member.text().await, GAP);
        redis.ask("PUBLISH sockeye:room:lobby hi").await;
        assert_eq!(member.text().await, "hi");
    }
}

#[tokio::test]
async fn a_node_that_is_cut_off_for_its_backlog_comes_back_and_tells() {
    let redis = Redis::start().await;
    let (node, publisher) = (Node::on(&redis).await, hub(&redis).await);
    let mut member = node.member("lobby").await;
    let limit = "CONFIG SET client-output-buffer-limit \"pubsub 256kb 0 0\"";
    assert_eq!(redis.ask(limit).await, "+OK");
    room(&publisher, "lobby")
        .broadcast("x".repeat(1 << 20))
        .unwrap();
    assert_eq!(member.text().await, GAP);
    within("a session", node.hub.ready()).await;
    room(&publisher, "lobby").broadcast("short").unwrap();
    assert_eq!(member.text().await, "short");
    assert_eq!(node.stats().sessions, 2);
}

#[tokio::test]
async fn a_dropped_hub_leaves_no_connection() {
    let redis = Redis::start().await;
    let hub = hub(&redis).await;
    let connections = async || {
        let info = redis.ask("INFO clients").await;
        let line = info
            .lines()
            .find_map(|line| line.strip_prefix("connected_clients:"));
        line.unwrap().trim().parse::<usize>().unwrap()
    };
    // The one that asks is counted too.
    assert_eq!(connections().await, 3);
    drop(hub);
    within("no connection", async { while connections().await > 1 {} }).await;
}
