//! Questions of nodes to each other: what is answered, how often, and when a roster is asked for again.

use serde_json::json;
use sockeye::{Hub, Result, Router, WebSocket};

use crate::groups::open::{INBOX, Line, notice};
use crate::harness::{Client, Running, serve, until};

async fn member(mut socket: WebSocket) -> Result<()> {
    socket.join("lobby").await?;
    while socket.receive().await.is_some() {}
    Ok(())
}

/// A node that knows of the test's, with a member in the lobby.
async fn node(line: &Line) -> (Running, Client) {
    let hub = line.hub().await;
    line.say("!nodes", &notice(&json!("beat")));
    let server = serve(Router::new().hub(&hub).route("/", member)).await;
    let client = server.connect("/").await;
    until("a member", || hub.stats().memberships == 1).await;
    (server, client)
}

/// How many are tracked in the lobby, as far as the node knows.
async fn tracked(hub: &Hub) -> usize {
    hub.group("lobby").unwrap().roster().await.len()
}

/// How often the node has asked all others since the start.
fn questions(line: &Line) -> usize {
    line.notices("!nodes", "query").len()
}

#[tokio::test]
async fn a_group_is_answered_once_however_often_a_question_names_it() {
    let line = Line::default();
    let (server, _client) = node(&line).await;
    let groups = ["lobby", "other", "lobby", "lobby", "other"];
    let question = json!({"query": {"id": 5, "question": {"rosters": groups}}});
    line.say("!nodes", &notice(&question));
    // Answers leave in order: with the answer to the next question all of the first are there.
    let last = json!({"query": {"id": 6, "question": {"members": "lobby"}}});
    line.say("!nodes", &notice(&last));
    server.hub.flush().await.unwrap();
    let answers = line.notices(INBOX, "answer");
    let ids: Vec<_> = answers
        .iter()
        .map(|it| it["answer"]["id"].as_u64())
        .collect();
    assert_eq!(ids, [Some(5), Some(5), Some(6)]);
    assert_eq!(answers[2]["answer"]["reply"], json!({"count": 1}));
}

#[tokio::test]
async fn a_roster_is_asked_for_again_once_messages_were_missed() {
    let line = Line::default();
    let (server, _client) = node(&line).await;
    tracked(&server.hub).await;
    assert_eq!(questions(&line), 1);
    tracked(&server.hub).await;
    assert_eq!(
        questions(&line),
        1,
        "it is whole, and kept so by what others tell"
    );
    line.lose_something();
    tracked(&server.hub).await;
    assert_eq!(questions(&line), 2);
}

#[tokio::test]
async fn a_roster_is_forgotten_with_the_last_member_and_asked_for_anew() {
    let line = Line::default();
    let (server, client) = node(&line).await;
    tracked(&server.hub).await;
    let whole = json!({"whole": {"version": 9, "tracked": [[1, {"user": null, "info": 1}]]}});
    line.say("lobby", &notice(&whole));
    assert_eq!(tracked(&server.hub).await, 1);
    let asked = questions(&line);
    drop(client);
    until("nobody", || server.hub.stats().groups == 0).await;
    let _client = server.connect("/").await;
    until("a member", || server.hub.stats().memberships == 1).await;
    // What went on meanwhile was not heard.
    assert_eq!(tracked(&server.hub).await, 0);
    assert_eq!(questions(&line), asked + 1);
}
