//! Exchange: what members on two nodes hear of each other, and what Redis sees of it.

use fixtures::Redis;
use serde_json::json;
use sockeye::Hub;
use tokio_tungstenite::tungstenite::Message as Wire;

use crate::harness::{Node, broker, hub, room, until, within};

#[tokio::test]
async fn a5_members_on_two_nodes_hear_each_other_once_and_in_order() {
    let redis = Redis::start().await;
    let (one, two) = (Node::on(&redis).await, Node::on(&redis).await);
    let (mut ada, mut bob) = (one.member("lobby").await, two.member("lobby").await);
    for number in 0..100 {
        ada.send(format!("say lobby ada {number}")).await;
    }
    for number in 0..100 {
        assert_eq!(ada.text().await, format!("ada {number}"));
        assert_eq!(bob.text().await, format!("ada {number}"));
    }
    bob.send("say lobby bob").await;
    assert_eq!(ada.text().await, "bob");
    assert_eq!(bob.text().await, "bob");
    // Neither heard anything twice, or of itself from afar.
    ada.has_heard_all().await;
    bob.has_heard_all().await;
    assert_eq!((one.stats().repeated, one.stats().gaps), (0, 0));
    assert_eq!((one.stats().received, two.stats().received), (1, 100));
}

#[tokio::test]
async fn redis_carries_one_message_for_each_publish_whatever_the_number_of_members() {
    let redis = Redis::start().await;
    let (one, two) = (Node::on(&redis).await, Node::on(&redis).await);
    let mut members = Vec::new();
    for _ in 0..10 {
        members.push(one.member("lobby").await);
        members.push(two.member("lobby").await);
    }
    let monitor = redis.monitor().await;
    for number in 0..50 {
        room(&one.hub, "lobby")
            .broadcast(number.to_string())
            .unwrap();
        // Nobody else is in this one; what is published there crosses nothing but the wire to Redis.
        room(&one.hub, "empty").broadcast("void").unwrap();
    }
    for member in &mut members {
        for number in 0..50 {
            assert_eq!(member.text().await, number.to_string());
        }
    }
    within("all published", one.hub.flush()).await.unwrap();
    let commands = within("what Redis saw", monitor.end(&redis)).await;
    let publishes = |room: &str| {
        let start = format!("\"PUBLISH\" \"sockeye:room:{room}\"");
        commands.iter().filter(|line| line.contains(&start)).count()
    };
    assert_eq!((publishes("lobby"), publishes("empty")), (50, 50));
    assert_eq!(two.stats().received, 50);
}

#[tokio::test]
async fn a5_a_node_is_subscribed_to_the_groups_of_its_members_and_no_others() {
    let redis = Redis::start().await;
    let node = Node::on(&redis).await;
    let at_rest = redis.channels().await;
    let mut ada = node.member("one").await;
    let mut bob = node.member("one").await;
    ada.join("two").await;
    ada.join("a&b").await;
    let rooms = ["sockeye:room:a%26b", "sockeye:room:one", "sockeye:room:two"];
    let found: Vec<_> = redis.channels().await;
    let found: Vec<_> = found
        .into_iter()
        .filter(|channel| !at_rest.contains(channel))
        .collect();
    assert_eq!(found, rooms);
    ada.leave("one").await;
    bob.leave("one").await;
    drop(ada);
    until("no subscription", || node.stats().subscriptions == 0).await;
    // What is asked afterwards is answered afterwards.
    bob.join("three").await;
    bob.leave("three").await;
    until("no subscription", || node.stats().subscriptions == 0).await;
    bob.join("last").await;
    let found = redis.channels().await;
    let found: Vec<_> = found
        .into_iter()
        .filter(|channel| !at_rest.contains(channel))
        .collect();
    assert_eq!(found, ["sockeye:room:last"]);
}

#[tokio::test]
async fn a6_a_join_that_has_returned_misses_nothing() {
    let redis = Redis::start().await;
    let node = Node::on(&redis).await;
    let publisher = hub(&redis).await;
    for round in 0..50 {
        let name = round.to_string();
        let mut member = node.member(&name).await;
        room(&publisher, &name).broadcast("first").unwrap();
        assert_eq!(member.text().await, "first");
    }
}

#[tokio::test]
async fn c20_events_for_handlers_keys_and_binary_cross() {
    let redis = Redis::start().await;
    let (one, two) = (Node::on(&redis).await, Node::on(&redis).await);
    let (mut ada, mut bob) = (one.member("lobby").await, two.member("lobby").await);
    ada.send("tell lobby news").await;
    assert_eq!(ada.text().await, "event room:lobby news");
    assert_eq!(bob.text().await, "event room:lobby news");
    let lobby = room(&one.hub, "lobby");
    lobby.clone().keyed("share").broadcast("42").unwrap();
    assert_eq!(bob.text().await, "42");
    let bytes: Vec<u8> = (0..=255).collect();
    lobby.broadcast(bytes.clone()).unwrap();
    assert_eq!(bob.next().await, Wire::binary(bytes));
    // What begins like an envelope is a message like any other.
    lobby.broadcast(b"\xFF\x01\x00\x00".to_vec()).unwrap();
    assert_eq!(bob.next().await, Wire::binary(b"\xFF\x01\x00\x00".to_vec()));
    lobby.broadcast("").unwrap();
    assert_eq!(bob.text().await, "");
}

#[tokio::test]
async fn marked_messages_tell_on_each_node_whose_they_are() {
    let redis = Redis::start().await;
    let (one, two) = (Node::on(&redis).await, Node::on(&redis).await);
    let (mut ada, mut bob) = (one.marked().await, two.marked().await);
    ada.send(json!({ "action": "said" }).to_string()).await;
    let marks =
        |is_current| json!({ "action": "said", "is_mine": false, "is_current": is_current });
    assert_eq!(ada.json().await, marks(true));
    assert_eq!(bob.json().await, marks(false));
}

#[tokio::test]
async fn a_mebibyte_crosses_whole() {
    let redis = Redis::start().await;
    let node = Node::on(&redis).await;
    let publisher = hub(&redis).await;
    let mut member = node.member("lobby").await;
    let mut large = "0123456789abcdef".repeat(65536);
    assert_eq!(large.len(), 1 << 20);
    for round in ["a", "b", "c"] {
        large.replace_range(..1, round);
        room(&publisher, "lobby").broadcast(large.as_str()).unwrap();
        assert!(member.text().await == large);
    }
}

#[tokio::test]
async fn a10_a_process_without_a_server_publishes_and_ends() {
    let redis = Redis::start().await;
    let node = Node::on(&redis).await;
    let mut member = node.member("lobby").await;
    let job = Hub::with_broker(broker(&redis));
    within("a session", job.ready()).await;
    room(&job, "lobby").broadcast("done").unwrap();
    within("all published", job.flush()).await.unwrap();
    drop(job);
    assert_eq!(member.text().await, "done");
}

#[tokio::test]
async fn a10_prefixes_part_applications_on_one_redis() {
    let redis = Redis::start().await;
    let other = Hub::with_broker(broker(&redis).prefix("other").unwrap());
    let other = Node::with(other).await;
    within("a session", other.hub.ready()).await;
    let node = Node::on(&redis).await;
    let (mut ours, mut theirs) = (node.member("lobby").await, other.member("lobby").await);
    room(&node.hub, "lobby").broadcast("ours").unwrap();
    room(&other.hub, "lobby").broadcast("theirs").unwrap();
    assert_eq!(ours.text().await, "ours");
    assert_eq!(theirs.text().await, "theirs");
    ours.has_heard_all().await;
    assert!(
        redis
            .channels()
            .await
            .contains(&"other:room:lobby".to_owned())
    );
}

#[tokio::test]
async fn hostile_names_reach_no_other_channel() {
    let redis = Redis::start().await;
    let (one, two) = (Node::on(&redis).await, Node::on(&redis).await);
    let mut victim = two.member("a").await;
    let monitor = redis.monitor().await;
    for (name, channel) in [
        ("*", "%2A"),
        ("a*", "a%2A"),
        ("a ", "a%20"),
        ("a\0", "a%00"),
        (
            "a\r\nPUBLISH sockeye:room:a x",
            "a%0D%0APUBLISH%20sockeye%3Aroom%3Aa%20x",
        ),
        ("../a", "..%2Fa"),
        ("{a}", "%7Ba%7D"),
        ("a:b", "a%3Ab"),
        ("!nodes", "%21nodes"),
        ("%61", "%2561"),
        ("\u{430}", "%D0%B0"),
    ] {
        room(&one.hub, name).broadcast(channel).unwrap();
    }
    room(&one.hub, "a").broadcast("a").unwrap();
    assert_eq!(victim.text().await, "a");
    let commands = within("what Redis saw", monitor.end(&redis)).await;
    let published: Vec<_> = commands
        .iter()
        .filter(|line| line.contains("PUBLISH"))
        .collect();
    let rooms = published
        .iter()
        .filter_map(|line| line.split("\"sockeye:room:").nth(1));
    // Each said in its room which channel that should have.
    let rooms = rooms.filter(|rest| {
        let (channel, said) = rest.split_once('"').unwrap();
        assert!(said.ends_with(&format!("{channel}\"")), "{rest}");
        true
    });
    assert_eq!(rooms.count(), 12, "{published:?}");
}
