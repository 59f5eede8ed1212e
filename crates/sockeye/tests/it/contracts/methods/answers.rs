//! What a method gives, and what becomes of it.

use serde_json::json;
use sockeye::{Described, Incoming, Message, Options, Outgoing};

use crate::contracts::methods::{Room, RoomIncoming, RoomOutgoing, Said, routes};
use crate::harness::{Client, Wire, serve};

fn ask(action: &str) -> String {
    json!({ "action": action }).to_string()
}

#[tokio::test]
async fn a3_a_method_gives_a_reply_a_broadcast_both_or_neither_the_reply_first() {
    let server = serve(routes(Options::default())).await;
    let (mut ada, mut bob) = (server.connect("/a").await, server.connect("/a").await);
    assert_eq!(ada.json().await, json!({ "action": "joined" }));
    let said = |text: &str| json!({ "action": "said", "payload": { "text": text } });
    let news = json!({ "action": "news" });
    for (message, own, others) in [
        (ask("reply"), vec![said("reply")], vec![]),
        (ask("broadcast"), vec![news.clone()], vec![news.clone()]),
        (ask("others"), vec![], vec![news.clone()]),
        (
            ask("both"),
            vec![said("both"), news.clone()],
            vec![news.clone()],
        ),
        (
            ask("both_ways"),
            vec![said("a pair"), news.clone()],
            vec![news.clone()],
        ),
        (
            ask("broadcast_first"),
            vec![said("broadcast first"), news.clone()],
            vec![news.clone()],
        ),
        (ask("nothing"), vec![], vec![]),
        (
            json!({ "action": "maybe", "payload": { "yes": true } }).to_string(),
            vec![said("maybe")],
            vec![],
        ),
        (
            json!({ "action": "maybe", "payload": { "yes": false } }).to_string(),
            vec![],
            vec![],
        ),
        (ask("sent"), vec![said("asked 9 times")], vec![]),
    ] {
        ada.send(message.as_str()).await;
        for expected in own {
            assert_eq!(ada.json().await, expected, "{message}");
        }
        for expected in others {
            assert_eq!(bob.json().await, expected, "{message}");
        }
    }
}

#[tokio::test]
async fn c20_methods_of_other_types_are_included_with_their_state() {
    let server = serve(routes(Options::default())).await;
    let (mut ada, mut bob) = (server.connect("/a").await, server.connect("/a").await);
    assert_eq!(ada.json().await, json!({ "action": "joined" }));
    for (on, changes) in [(true, 1), (false, 2)] {
        let typing = json!({ "action": "typing", "payload": on });
        ada.send(typing.to_string()).await;
        let told = json!({ "action": "is_typing", "payload": { "on": on, "changes": changes } });
        assert_eq!(bob.json().await, told);
    }
}

#[tokio::test]
async fn c20_replies_carry_the_reference_of_their_message_and_nothing_else_does() {
    let server = serve(routes(Options::default())).await;
    let (mut ada, mut bob) = (server.connect("/a").await, server.connect("/a").await);
    assert_eq!(ada.json().await, json!({ "action": "joined" }));
    let slow = json!({ "action": "slow", "payload": { "turns": 3 }, "ref": "7" });
    ada.send(slow.to_string()).await;
    let mut expect = async |action: &str, text: Option<&str>, reference: Option<&str>| {
        let told = ada.json().await;
        assert_eq!(told["action"], action);
        assert_eq!(told["payload"]["text"].as_str(), text);
        assert_eq!(
            told.get("ref").and_then(|told| told.as_str()),
            reference,
            "{told}"
        );
    };
    expect("said", Some("begun"), Some("7")).await;
    expect("said", Some("pushed"), None).await;
    expect("said", Some("sent"), None).await;
    expect("said", Some("done"), Some("7")).await;
    let both = json!({ "ref": "a \"quoted\" one", "action": "both" });
    ada.send(both.to_string()).await;
    let mut expect = async |action: &str, reference: Option<&str>| {
        let told = ada.json().await;
        assert_eq!(told["action"], action);
        assert_eq!(
            told.get("ref").and_then(|told| told.as_str()),
            reference,
            "{told}"
        );
    };
    expect("said", Some("a \"quoted\" one")).await;
    expect("news", None).await;
    ada.send(ask("reply")).await;
    let told: serde_json::Value = ada.json().await;
    assert_eq!(
        told,
        json!({ "action": "said", "payload": { "text": "reply" } })
    );
    assert_eq!(bob.json().await, json!({ "action": "news" }));
}

#[test]
fn c20_the_enums_have_all_messages_and_the_exchanges_say_which_answers_which() {
    let incoming = RoomIncoming::ACTIONS;
    assert_eq!((incoming[0], incoming.last()), ("say", Some(&"typing")));
    assert_eq!(incoming.len(), 15);
    assert_eq!(
        RoomOutgoing::ACTIONS,
        ["said", "news", "joined", "is_typing"]
    );
    const { assert!(RoomIncoming::TYPED && RoomOutgoing::TYPED) };
    let text = "hi".to_owned();
    assert_eq!(RoomOutgoing::from(Said { text }).action(), "said");
    let exchanges = Room::exchanges();
    let of = |method: &str| exchanges.iter().find(|one| one.method == method).unwrap();
    assert_eq!(of("say").receives, ["say"]);
    assert_eq!(of("say").description, "Says a text to everybody.");
    assert!(of("say").replies.is_empty());
    assert_eq!(of("say").broadcasts, [["said"]]);
    assert_eq!(of("ask").replies, [["said"]]);
    assert_eq!(of("typing").broadcasts, [["is_typing"]]);
}

#[tokio::test]
async fn a1_what_it_cannot_read_does_not_end_a_typed_handler() {
    let server = serve(routes(Options::default())).await;
    let mut client: Client = server.connect("/a").await;
    for message in [
        "no JSON",
        "[]",
        r#"{"action":"unheard of"}"#,
        r#"{"payload":7}"#,
    ] {
        client.send(message).await;
        assert_eq!(client.json().await["action"], "error", "{message}");
    }
    client.send(Wire::binary(vec![1, 2, 3])).await;
    assert_eq!(client.json().await["action"], "error");
    client.send(ask("reply")).await;
    assert_eq!(client.json().await["action"], "said");
}
