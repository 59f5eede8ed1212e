//! Crossing: messages from node to node, to whom they are for, as they are.

use bytes::Bytes;

use crate::error::Result;
use crate::testing::broker::member::Heard;
use crate::testing::broker::stage::{Stage, ensure};

pub(super) async fn messages_cross_both_ways(stage: &Stage) -> Result<()> {
    let (name, other) = (stage.name(), stage.name());
    let nodes = stage.ready_nodes::<3>().await?;
    let mut members = Vec::new();
    for node in [&nodes[0], &nodes[0], &nodes[1], &nodes[1]] {
        members.push(node.member_of(&name).await?);
    }
    let mut stranger = nodes[1].member_of(&other).await?;
    for (index, node) in nodes.iter().enumerate() {
        node.publish(&name, format!("from {index}"))?;
        node.publish(&other, format!("not from {index}"))?;
    }
    let expected = ["from 0", "from 1", "from 2"];
    for member in &mut members {
        for text in expected {
            member.hears(stage, text).await?;
        }
    }
    for index in 0..nodes.len() {
        stranger.hears(stage, &format!("not from {index}")).await?;
    }
    // Whatever comes too often has come by the time that a later message has crossed in each direction.
    for node in &nodes {
        node.publish(&name, "last")?;
    }
    let count = expected.len() + nodes.len();
    for member in &mut members {
        let all = |heard: &[Heard]| heard.len() >= count;
        member.until(stage, "the last messages", all).await?;
        let mut texts = member.texts();
        texts.sort_unstable();
        let seen = ["from 0", "from 1", "from 2", "last", "last", "last"];
        ensure(texts == seen, || format!("a member heard {texts:?}"))?;
    }
    let seen = stranger.texts().len();
    ensure(seen == 3, || {
        format!("a member of another group heard {seen} messages and not 3")
    })
}

/// Around the lengths at which frames and protocols change their form.
const LENGTHS: [usize; 11] = [
    0,
    1,
    125,
    126,
    127,
    255,
    256,
    4_095,
    65_535,
    65_536,
    1 << 20,
];

pub(super) async fn bytes_arrive_unchanged(stage: &Stage) -> Result<()> {
    let name = stage.name();
    let [near, far] = stage.ready_nodes::<2>().await?;
    let mut member = far.member_of(&name).await?;
    let every: Vec<u8> = (0..=u8::MAX).collect();
    let mut sent = vec![Heard::Bytes(every.clone().into())];
    // Each may be the first byte, where a form would be told from another.
    sent.extend(every.iter().map(|byte| Heard::Bytes(vec![*byte].into())));
    for length in LENGTHS.map(|length| length.min(stage.message_bytes)) {
        let bytes: Bytes = every.iter().rev().copied().cycle().take(length).collect();
        sent.push(Heard::Bytes(bytes));
        sent.push(Heard::Text(
            "é\0\r\n{}".chars().cycle().take(length / 2).collect(),
        ));
    }
    for message in &sent {
        match message {
            Heard::Bytes(bytes) => near.publish(&name, bytes.clone())?,
            Heard::Text(text) => near.publish(&name, text)?,
            Heard::Gap(_) => {}
        }
    }
    let all = |heard: &[Heard]| heard.len() >= sent.len();
    member.until(stage, "messages of all lengths", all).await?;
    for (sent, heard) in sent.iter().zip(&member.heard) {
        ensure(sent == heard, || {
            format!("sent {}, heard {}", brief(sent), brief(heard))
        })?;
    }
    Ok(())
}

fn brief(heard: &Heard) -> String {
    match heard {
        Heard::Text(text) => format!("a text of {} bytes", text.len()),
        Heard::Bytes(bytes) => {
            let start = &bytes[..bytes.len().min(8)];
            format!("{} bytes that begin with {start:?}", bytes.len())
        }
        Heard::Gap(_) => "of a gap".to_owned(),
    }
}
