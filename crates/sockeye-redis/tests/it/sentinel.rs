//! Sentinel: the master dies, and nodes follow to its replica.

use fixtures::Redis;
use sockeye::Hub;
use sockeye_redis::RedisBroker;

use crate::harness::{Node, room, until, within};

#[tokio::test]
async fn nodes_follow_a_failover() {
    let mut master = Redis::start_with(&["--requirepass", "secret"]).await;
    let port = master.port().to_string();
    let options = [
        "--replicaof",
        "127.0.0.1",
        &port,
        "--masterauth",
        "secret",
        "--requirepass",
        "secret",
    ];
    let replica = Redis::start_with(&options).await;
    let sentinel = Redis::start_sentinel("chat", &master, "secret").await;
    within("a known replica", async {
        while !sentinel
            .ask("SENTINEL REPLICAS chat")
            .await
            .contains(&replica.port().to_string())
        {}
    })
    .await;

    let broker = RedisBroker::sentinel("redis://:secret@chat", [sentinel.url()]).unwrap();
    let place = format!(
        "RedisBroker(Redis master chat by the sentinels at 127.0.0.1:{})",
        sentinel.port()
    );
    assert_eq!(format!("{broker:?}"), place);
    let [one, two] = [broker.clone(), broker].map(Hub::with_broker);
    let (one, two) = (Node::with(one).await, Node::with(two).await);
    within("both ready", async {
        tokio::join!(one.hub.ready(), two.hub.ready())
    })
    .await;
    let mut member = two.member("lobby").await;
    room(&one.hub, "lobby").broadcast("before").unwrap();
    assert_eq!(member.text().await, "before");

    master.kill().await;
    until("sessions with another master", || {
        [&one, &two]
            .iter()
            .all(|node| node.stats().sessions > 1 && node.hub.readiness().is_ready())
    })
    .await;
    assert_eq!(member.text().await, "gap room:lobby None");
    room(&one.hub, "lobby").broadcast("after").unwrap();
    while member.text().await != "after" {}
}

#[tokio::test]
async fn a_master_that_no_sentinel_knows_is_named() {
    let redis = Redis::start().await;
    let sentinel = Redis::start_sentinel("chat", &redis, "").await;
    let hub = Hub::with_broker(RedisBroker::sentinel("redis://other", [sentinel.url()]).unwrap());
    let why = format!(
        "the sentinel at 127.0.0.1:{} knows no master \"other\"",
        sentinel.port()
    );
    until(&why, || hub.readiness().to_string().contains(&why)).await;
}

#[test]
fn a_master_without_a_name_or_sentinels_is_refused() {
    let none = RedisBroker::sentinel("redis://chat", Vec::<String>::new());
    assert!(none.unwrap_err().to_string().contains("name one at least"));
    let path = RedisBroker::sentinel("unix:///run/redis.sock", ["redis://host"]);
    assert!(
        path.unwrap_err()
            .to_string()
            .contains("its name as the host")
    );
}
