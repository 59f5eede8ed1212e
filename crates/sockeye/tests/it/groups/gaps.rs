//! Gaps told at their place, and groups that the broker refuses when it is back.

use sockeye::{Context, Error, Gap, Handler, Hub, Result, Router, endpoint};

use crate::groups::open::{Line, message};
use crate::groups::{join, unhurried};
use crate::harness::{Client, Running, serve, until};

/// A member that tells its client of gaps, and of joins that fail.
struct Listener;

impl Handler for Listener {
    type Incoming = String;
    type Outgoing = String;

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        let room = text.strip_prefix("join ");
        let room = room.ok_or_else(|| Error::new(format!("{text} is no command")))?;
        match cx.join(("room", room)).await {
            Ok(()) => cx.reply(format!("joined {room}")),
            Err(error) => cx.reply(format!("{:?}: {error}", error.kind())),
        }
    }

    async fn on_gap(&mut self, cx: &mut Context<Self>, gap: Gap) -> Result<()> {
        let messages = gap
            .messages
            .map_or_else(|| "some".to_owned(), |count| count.to_string());
        cx.reply(format!("{messages} of {}", gap.group.as_str()))
    }
}

async fn node(hub: &Hub) -> Running {
    let member = endpoint(|| Listener).options(unhurried());
    serve(Router::new().hub(hub).route("/", member)).await
}

async fn hears(client: &mut Client, texts: &[&str]) {
    for text in texts {
        assert_eq!(client.text().await, *text);
    }
}

#[tokio::test]
async fn a_gap_is_told_behind_what_came_before_it_and_ahead_of_what_came_after() {
    let line = Line::default();
    let server = node(&line.hub().await).await;
    let mut client = server.connect("/").await;
    join(&mut client, "one").await;
    join(&mut client, "two").await;
    // Nothing waits in between, so that the shard finds all of it in one turn.
    let said = [
        ("one", 1),
        ("two", 1),
        ("one", 2),
        ("one", 5),
        ("two", 2),
        ("two", 9),
        ("one", 6),
    ];
    for (room, number) in said {
        line.say(
            &format!("room:{room}"),
            &message(number, &format!("{room} {number}")),
        );
    }
    let before = ["one 1", "two 1", "one 2"];
    let between = ["2 of room:one", "one 5", "two 2"];
    let after = ["6 of room:two", "two 9", "one 6"];
    for texts in [before, between, after] {
        hears(&mut client, &texts).await;
    }
}

#[tokio::test]
async fn a_group_that_is_refused_when_the_broker_is_back_costs_the_others_nothing() {
    let line = Line::default();
    let hub = line.hub().await;
    let server = node(&hub).await;
    let mut ada = server.connect("/").await;
    join(&mut ada, "one").await;
    join(&mut ada, "two").await;
    line.asked();
    line.forbid(&["room:one"]);
    line.hang_up();
    until("another session", || hub.stats().broker.sessions == 2).await;
    hub.ready().await;
    let asked: Vec<_> = line
        .asked()
        .into_iter()
        .map(|topics| topics.len())
        .collect();
    assert_eq!(asked, [2], "all are asked for at once, and once");
    let mut gaps = [ada.text().await, ada.text().await];
    gaps.sort();
    assert_eq!(gaps, ["some of room:one", "some of room:two"]);
    line.say("room:two", &message(1, "here"));
    hears(&mut ada, &["here"]).await;
    // Who comes is not told that all is well.
    let mut bob = server.connect("/").await;
    bob.send("join one").await;
    let refusal = bob.text().await;
    assert!(
        refusal.starts_with("Broker: cannot listen to room:one"),
        "{refusal}"
    );
    line.forbid(&[]);
    join(&mut bob, "one").await;
    assert_eq!(line.asked().len(), 2, "each who came has asked again");
    // It is live for all, and nobody asks any more.
    let mut cem = server.connect("/").await;
    join(&mut cem, "one").await;
    assert!(line.asked().is_empty());
    // Those that were refused are still wanted of the next session.
    line.hang_up();
    until("another session", || hub.stats().broker.sessions == 3).await;
    hub.ready().await;
    assert_eq!(line.asked().concat().len(), 2);
}
