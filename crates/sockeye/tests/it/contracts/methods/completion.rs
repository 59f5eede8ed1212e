//! Completion: a message that says that all is sent.

use serde_json::{Value, json};
use sockeye::Options;

use crate::contracts::methods::routes;
use crate::harness::{Client, Running, serve};

async fn started() -> Running {
    let mut options = Options::default();
    options.completion = true;
    serve(routes(options)).await
}

/// What comes until the next completion, by action; the reference of that.
async fn until_complete(client: &mut Client) -> (Vec<String>, Option<Value>) {
    let mut actions = Vec::new();
    loop {
        let told = client.json().await;
        let action = told["action"].as_str().unwrap().to_owned();
        if action == "complete" {
            assert!(told.get("payload").is_none(), "{told}");
            return (actions, told.get("ref").cloned());
        }
        actions.push(action);
    }
}

#[tokio::test]
async fn c12_completion_follows_everything_that_a_message_caused() {
    let server = started().await;
    let mut client = server.connect("/a").await;
    for (message, caused) in [
        (json!({ "action": "reply" }), vec!["said"]),
        (json!({ "action": "broadcast" }), vec!["news"]),
        (json!({ "action": "both" }), vec!["said", "news"]),
        (json!({ "action": "both_ways" }), vec!["said", "news"]),
        (json!({ "action": "others" }), vec![]),
        (json!({ "action": "nothing" }), vec![]),
        (json!({ "action": "refused" }), vec!["error"]),
        (json!({ "action": "broken" }), vec!["error"]),
        (json!({ "action": "unheard of" }), vec!["error"]),
        (json!({ "action": "ping" }), vec!["pong"]),
        (json!([]), vec!["error"]),
        (
            json!({ "action": "slow", "payload": { "turns": 2 } }),
            vec!["said"; 4],
        ),
    ] {
        client.send(message.to_string()).await;
        let (actions, reference) = until_complete(&mut client).await;
        assert_eq!(
            (actions, reference),
            (
                caused.iter().map(|action| (*action).to_owned()).collect(),
                None
            ),
            "{message}"
        );
    }
}

#[tokio::test]
async fn c12_completion_carries_the_reference_of_its_message() {
    let server = started().await;
    let mut client = server.connect("/a").await;
    for message in [
        json!({ "action": "both", "ref": "1" }),
        json!({ "action": "refused", "ref": "1" }),
        json!({ "action": "unheard of", "ref": "1" }),
        json!({ "action": "ping", "ref": "1" }),
        json!({ "action": "slow", "payload": { "turns": 1 }, "ref": "1" }),
    ] {
        client.send(message.to_string()).await;
        let (_, reference) = until_complete(&mut client).await;
        assert_eq!(reference, Some(json!("1")), "{message}");
    }
}

#[tokio::test]
async fn c12_the_completions_of_messages_in_a_row_stand_between_what_they_caused() {
    let mut options = Options::default();
    (options.completion, options.rate) = (true, None);
    let server = serve(routes(options)).await;
    let (mut ada, mut bob) = (server.connect("/a").await, server.connect("/a").await);
    assert_eq!(ada.json().await["action"], "joined");
    const MESSAGES: u32 = 500;
    for _ in 0..MESSAGES {
        ada.send(r#"{"action":"both"}"#).await;
    }
    for message in 0..MESSAGES {
        let (actions, _) = until_complete(&mut ada).await;
        assert_eq!(actions, ["said", "news"], "message {message}");
        assert_eq!(
            bob.json().await["action"],
            "news",
            "members get no completion"
        );
    }
}

#[tokio::test]
async fn c12_completion_is_off_unless_it_is_asked_for() {
    let server = serve(routes(Options::default())).await;
    let mut client = server.connect("/a").await;
    for _ in 0..2 {
        client.send(r#"{"action":"reply"}"#).await;
        assert_eq!(client.json().await["action"], "said");
    }
}
