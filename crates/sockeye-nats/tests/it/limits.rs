//! Limits of the server: messages that are too long, connections that are left behind.

use std::time::Duration;

use fixtures::Nats;

use sockeye::Hub;
use sockeye_nats::NatsBroker;

use crate::{hub, serve, until, within};

#[tokio::test]
async fn a_message_too_long_is_refused_alone_and_its_members_are_told() {
    let nats = Nats::start_with("max_payload: 4096").await;
    let (near, far) = (hub(&nats.url()).await, hub(&nats.url()).await);
    let server = serve(&far);
    let mut client = server.connect("/").await;
    client.send_text("lobby");
    assert_eq!(client.receive_text().await, "joined lobby");
    let room = near.group(("room", "lobby")).unwrap();
    room.broadcast("first").unwrap();
    room.broadcast("x".repeat(5_000)).unwrap();
    assert!(near.flush().await.is_err());
    room.broadcast("last").unwrap();
    near.flush().await.unwrap();
    assert_eq!(client.receive_text().await, "first");
    let mut rest = [client.receive_text().await, client.receive_text().await];
    rest.sort();
    assert_eq!(rest, ["gap in room:lobby", "last"]);
    let stats = near.stats().broker;
    assert_eq!((stats.sessions, stats.lost), (1, 1));
}

#[tokio::test]
async fn a_subscription_too_many_is_refused_or_told() {
    let nats = Nats::start_with("max_subscriptions: 10").await;
    let hub = hub(&nats.url()).await;
    let server = serve(&hub);
    let mut client = server.connect("/").await;
    let mut answers = Vec::new();
    // A refusal may come late, and is a gap then.
    while answers.len() < 10 || !answers.iter().any(|it: &String| !it.starts_with("joined")) {
        client.send_text(&format!("{}", answers.len()));
        answers.push(client.receive_text().await);
    }
    let joined = answers.iter().filter(|it| it.starts_with("joined")).count();
    assert!((1..20).contains(&joined), "{answers:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_gone_leaves_no_connection_and_no_task() {
    let mut nats = Nats::start().await;
    let tasks = || {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    };
    let before = tasks();
    for ending in ["dropped", "killed", "frozen"] {
        let hub = hub(&nats.url()).await;
        let server = serve(&hub);
        let mut client = server.connect("/").await;
        client.send_text("lobby");
        assert_eq!(client.receive_text().await, "joined lobby");
        match ending {
            "killed" => nats.kill().await,
            "frozen" => nats.freeze(),
            _ => {}
        }
        drop(client);
        server.shutdown().await;
        drop(hub);
        until(&format!("no task of a node that was {ending}"), || {
            tasks() <= before
        })
        .await;
        match ending {
            "killed" => nats.restart().await,
            "frozen" => nats.thaw(),
            _ => {}
        }
        while nats.connections().await > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

#[tokio::test]
async fn what_a_busy_node_cannot_read_is_lost_and_told() {
    let nats = Nats::start().await;
    let near = hub(&nats.url()).await;
    let far = Hub::with_broker(NatsBroker::new(nats.url()).unwrap().waiting(0));
    within("a session", far.ready()).await;
    let server = serve(&far);
    let mut client = server.connect("/").await;
    client.send_text("lobby");
    assert_eq!(client.receive_text().await, "joined lobby");
    let room = near.group(("room", "lobby")).unwrap();
    let burst = async || {
        for number in 0..1_000 {
            room.broadcast(format!("{number}")).unwrap();
        }
        near.flush().await.unwrap();
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    within("a burst that is too much", async {
        while far.stats().broker.gaps == 0 {
            burst().await;
        }
    })
    .await;
    while client.receive_text().await != "gap in room:lobby" {}
    assert_eq!(far.stats().broker.sessions, 1, "the session has gone on");
}
