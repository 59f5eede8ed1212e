//! Order: per publisher and topic, with everything at work at once.

use std::collections::HashMap;

use futures_util::future::try_join_all;

use crate::error::{Error, Result};
use crate::testing::broker::member::Heard;
use crate::testing::broker::node::Node;
use crate::testing::broker::stage::{Stage, ensure};

const PUBLISHERS: usize = 5;
const TOPICS: usize = 4;
const ROUNDS: usize = 500;

pub(super) async fn messages_arrive_in_order(stage: &Stage) -> Result<()> {
    let names: Vec<_> = (0..TOPICS).map(|_| stage.name()).collect();
    let nodes = stage.ready_nodes::<3>().await?;
    let mut members = Vec::new();
    for node in &nodes {
        let mut member = node.member().await;
        for name in &names {
            member.join(name).await?;
        }
        members.push(member);
    }
    let publishers = (0..PUBLISHERS).map(|publisher| {
        let node = &nodes[publisher % nodes.len()];
        publish(node, publisher, &names)
    });
    try_join_all(publishers).await?;
    let count = PUBLISHERS * TOPICS * ROUNDS;
    for member in &mut members {
        let all = |heard: &[Heard]| heard.len() >= count;
        member
            .until(stage, &format!("all {count} messages"), all)
            .await?;
        in_order(&member.texts())?;
        let gaps = member.gaps();
        ensure(gaps == 0, || {
            format!("a member was told of {gaps} gaps where nothing had failed")
        })?;
    }
    Ok(())
}

async fn publish(node: &Node, publisher: usize, names: &[String]) -> Result<()> {
    for round in 0..ROUNDS {
        for (topic, name) in names.iter().enumerate() {
            node.publish_all(name, &format!("{publisher}/{topic} {round}"))
                .await?;
        }
        tokio::task::yield_now().await;
    }
    node.hub.flush().await
}

/// Each stream from 0, without a hole.
fn in_order(texts: &[&str]) -> Result<()> {
    let mut next: HashMap<&str, usize> = HashMap::new();
    for text in texts {
        let parts = text.split_once(' ');
        let (stream, number) = parts.ok_or_else(|| Error::new(format!("heard {text:?}")))?;
        let expected = next.entry(stream).or_default();
        let found: usize = number.parse()?;
        ensure(found == *expected, || {
            format!("publisher and topic {stream}: heard message {found} where {expected} was next")
        })?;
        *expected += 1;
    }
    Ok(())
}
