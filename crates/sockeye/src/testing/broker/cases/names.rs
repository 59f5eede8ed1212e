//! Names: topics that look like others, and many of them.

use futures_util::future::try_join_all;

use crate::error::{ErrorKind, Result};
use crate::testing::broker::member::{Heard, Member};
use crate::testing::broker::node::Node;
use crate::testing::broker::stage::{Stage, ensure, group};

/// What clients call their rooms who want to hear others.
const HOSTILE: [&str; 44] = [
    "room",
    "room*",
    "room?",
    "room>",
    "room.",
    "room.*",
    "room.>",
    "*",
    ">",
    ".",
    "..",
    "...",
    "?",
    "[",
    "[a-z]",
    "[r]oom",
    "r?om",
    "ro*m",
    "{room}",
    "room:",
    ":room",
    "a:b",
    "a%3Ab",
    "a%253Ab",
    "a.b",
    "a%2Eb",
    "a%2eb",
    "a b",
    "a%20b",
    "a\tb",
    "a\r\nb",
    "a\r\nPUB x 1",
    "a\nb",
    "a\0b",
    "room!",
    "!nodes",
    "_probe",
    "$SYS.>",
    "_INBOX.>",
    "räum",
    "ra\u{308}um",
    "房间",
    "\u{1F41F}",
    "%",
];

pub(super) async fn names_stay_apart(stage: &Stage) -> Result<()> {
    let [near, far] = stage.ready_nodes::<2>().await?;
    // As they are, behind what no other run uses, and as long as can be.
    let own = stage.name();
    let mut names: Vec<String> = HOSTILE.iter().map(|name| format!("{own}{name}")).collect();
    names.extend(HOSTILE.iter().map(|name| format!("{name}{own}")));
    names.extend(["x", "y", ".", ">"].map(|end| longest(&own, end)));
    let mut members = Vec::new();
    for name in &names {
        members.push(far.member_of(name).await?);
    }
    for (index, name) in names.iter().enumerate() {
        near.publish(name, format!("for {index}"))?;
    }
    for (index, member) in members.iter_mut().enumerate() {
        member.hears(stage, &format!("for {index}")).await?;
    }
    // What went astray has come by the time that all have heard once more.
    for name in &names {
        near.publish(name, "again")?;
    }
    for (member, name) in members.iter_mut().zip(&names) {
        let twice = |heard: &[Heard]| heard.len() >= 2;
        member.until(stage, "its second message", twice).await?;
        let texts = member.texts();
        ensure(texts.len() == 2, || {
            format!("the member of {name:?} heard {texts:?}")
        })?;
    }
    let refused = near.publish(&format!("{}x", longest(&own, "x")), "for nobody");
    let kind = refused.err().map(|error| error.kind());
    ensure(kind == Some(ErrorKind::Name), || {
        "a name of more than 255 bytes was taken".to_owned()
    })
}

/// A name that begins and ends so, and is as long as a group's may be.
fn longest(start: &str, end: &str) -> String {
    let fits = |fill: usize| {
        let name = format!("{start}{}{end}", "-".repeat(fill));
        group(&name).is_ok().then_some(name)
    };
    (0..256).rev().find_map(fits).unwrap_or_default()
}

const TOPICS: usize = 10_000;
const MEMBERS: usize = 20;

pub(super) async fn ten_thousand_topics(stage: &Stage) -> Result<()> {
    let [near, far] = stage.ready_nodes::<2>().await?;
    let names: Vec<_> = (0..TOPICS).map(|_| stage.name()).collect();
    let joining = names
        .chunks(TOPICS / MEMBERS)
        .map(|names| settle(&far, names));
    let mut members = try_join_all(joining).await?;
    let found = far.hub.stats().broker.subscriptions;
    ensure(found == TOPICS, || {
        format!("{found} groups are subscribed to and not {TOPICS}")
    })?;
    for name in &names {
        near.publish_all(name, name).await?;
    }
    for (member, names) in members.iter_mut().zip(names.chunks(TOPICS / MEMBERS)) {
        let all = |heard: &[Heard]| heard.len() >= names.len();
        member
            .until(stage, "a message of each of its 500 groups", all)
            .await?;
        let mut heard = member.texts();
        heard.sort_unstable();
        let mut sent: Vec<_> = names.iter().map(String::as_str).collect();
        sent.sort_unstable();
        ensure(heard == sent, || {
            "a member heard of another's groups".to_owned()
        })?;
    }
    Ok(())
}

async fn settle(node: &Node, names: &[String]) -> Result<Member> {
    let mut member = node.member().await;
    for name in names {
        member.join(name).await?;
    }
    Ok(member)
}
