//! Access: users, passwords, and what Redis does not allow.

use fixtures::Redis;
use sockeye::Hub;
use sockeye_redis::RedisBroker;

use crate::harness::{Node, broker, room, until, within};

/// What a node needs, for the channels of one application.
const USER: &str = "ACL SETUSER node on >p@ss#/? resetchannels &sockeye:* -@all +publish +subscribe +unsubscribe +ping \
                    +hello +select";

fn of(redis: &Redis, credentials: &str) -> Hub {
    let url = format!("redis://{credentials}@127.0.0.1:{}", redis.port());
    Hub::with_broker(RedisBroker::new(url).unwrap())
}

#[tokio::test]
async fn a_user_with_the_documented_rights_has_all_that_is_needed() {
    let redis = Redis::start().await;
    assert_eq!(redis.ask(USER).await, "+OK");
    let hub = of(&redis, "node:p%40ss%23%2F%3F");
    let node = Node::with(hub).await;
    within("a session", node.hub.ready()).await;
    let mut member = node.member("lobby").await;
    redis.ask("PUBLISH sockeye:room:lobby hi").await;
    assert_eq!(member.text().await, "hi");
    room(&node.hub, "lobby").broadcast("own").unwrap();
    assert_eq!(member.text().await, "own");
    within("all published", node.hub.flush()).await.unwrap();
    member.leave("lobby").await;
}

#[tokio::test]
async fn a_password_alone_is_that_of_the_default_user() {
    let redis = Redis::start_with(&["--requirepass", "secret"]).await;
    within("a session", of(&redis, ":secret").ready()).await;
}

#[tokio::test]
async fn a_wrong_password_leaves_a_node_unready_that_says_why_without_it() {
    let redis = Redis::start_with(&["--requirepass", "right"]).await;
    for (credentials, found) in [(":wrong-secret", "WRONGPASS"), ("", "NOAUTH")] {
        let hub = of(&redis, credentials);
        until("a reason", || hub.readiness().to_string().contains(found)).await;
        let reason = hub.readiness().to_string();
        assert!(!hub.readiness().is_ready());
        assert!(
            reason.contains(&format!("Redis at 127.0.0.1:{}", redis.port())),
            "{reason}"
        );
        assert!(!reason.contains("wrong-secret"), "{reason}");
        let error = room(&hub, "lobby").broadcast("lost").unwrap_err();
        assert_eq!(error.kind(), sockeye::ErrorKind::Broker);
        assert!(!format!("{error:?}").contains("wrong-secret"), "{error:?}");
    }
}

#[tokio::test]
async fn a_group_whose_channel_is_not_allowed_cannot_be_joined_and_the_others_can() {
    let redis = Redis::start().await;
    let rights = "ACL SETUSER default resetchannels &sockeye:room:open* &sockeye:!*";
    assert_eq!(redis.ask(rights).await, "+OK");
    let node = Node::on(&redis).await;
    let mut member = node.member("open").await;
    member.send("join closed").await;
    let refused = member.json().await;
    assert_eq!(refused["action"], "error", "{refused}");
    assert_eq!(node.hub.group(("room", "closed")).unwrap().members(), 0);
    redis.ask("PUBLISH sockeye:room:open hi").await;
    assert_eq!(member.text().await, "hi");
    member.join("open2").await;
    // What may not be published is lost, and nothing else is.
    room(&node.hub, "closed").broadcast("lost").unwrap();
    room(&node.hub, "open2").broadcast("taken").unwrap();
    assert!(within("an answer to all", node.hub.flush()).await.is_err());
    assert_eq!(member.text().await, "taken");
    assert_eq!((node.stats().lost, node.stats().sessions), (1, 1));
}

#[tokio::test]
async fn what_is_no_redis_is_named_with_where_it_is() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = b"HTTP/1.1 400 Bad Request\r\n\r\n";
            tokio::io::AsyncWriteExt::write_all(&mut stream, answer)
                .await
                .unwrap();
        }
    });
    let hub = Hub::with_broker(RedisBroker::new(format!("redis://{address}")).unwrap());
    let place = format!("Redis at {address} cannot be reached");
    until("a reason", || hub.readiness().to_string().contains(&place)).await;
}

#[tokio::test]
async fn the_broker_is_shown_without_its_password() {
    let redis = Redis::start().await;
    let url = format!("redis://me:secret@127.0.0.1:{}/3", redis.port());
    let shown = format!("{:?}", RedisBroker::new(url).unwrap());
    assert_eq!(
        shown,
        format!("RedisBroker(Redis at 127.0.0.1:{})", redis.port())
    );
    assert_eq!(shown, format!("{:?}", broker(&redis)));
}
