//! Strangers: other programs that publish what they like to our channels.

use std::fmt::Write as _;

use fixtures::Redis;

use crate::harness::{Node, until};

#[tokio::test]
async fn a_plain_publish_reaches_the_members_as_text() {
    let redis = Redis::start().await;
    let node = Node::on(&redis).await;
    let mut member = node.member("lobby").await;
    let said = r#"{"action":"say","payload":{"text":"hi"}}"#;
    let quoted = said.replace('"', "\\\"");
    let reached = redis
        .ask(&format!("PUBLISH sockeye:room:lobby \"{quoted}\""))
        .await;
    assert_eq!(reached, ":1");
    assert_eq!(member.text().await, said);
    assert_eq!(node.stats().received, 1);
}

#[tokio::test]
async fn garbage_is_dropped_and_counted_and_hurts_nobody() {
    let redis = Redis::start().await;
    let node = Node::on(&redis).await;
    let mut member = node.member("lobby").await;
    let garbage: [&[u8]; 6] = [
        b"\x80",
        b"\xFF",
        b"\xFF\x02\x00\x01text",
        b"\xFF\x01\x09\x01text",
        b"\xFF\x01\x00\x08short",
        b"\xFF\x01\x00\x01\xC0text",
    ];
    for bytes in garbage {
        let mut escaped = String::new();
        bytes
            .iter()
            .for_each(|byte| write!(escaped, "\\x{byte:02x}").unwrap());
        redis
            .ask(&format!("PUBLISH sockeye:room:lobby \"{escaped}\""))
            .await;
    }
    redis.ask("PUBLISH sockeye:room:lobby last").await;
    assert_eq!(member.text().await, "last");
    assert_eq!(node.stats().unreadable, 6);
    until("a session that goes on", || node.hub.readiness().is_ready()).await;
    assert_eq!(node.stats().sessions, 1);
}
