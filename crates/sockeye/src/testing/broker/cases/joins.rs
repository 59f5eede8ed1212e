//! Joins: subscriptions that begin and end while messages flow.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::{join_all, try_join_all};

use crate::error::Result;
use crate::testing::broker::member::{Heard, Member};
use crate::testing::broker::node::Node;
use crate::testing::broker::stage::{Stage, ensure};

pub(super) async fn joins_are_live(stage: &Stage) -> Result<()> {
    let [near, far] = stage.ready_nodes::<2>().await?;
    let mut member = far.member().await;
    for round in 0..200 {
        let name = stage.name();
        member.join(&name).await?;
        near.publish(&name, format!("after join {round}"))?;
        // In half of the rounds the next join begins while this message is still on its way.
        if round % 2 == 0 {
            member.hears(stage, &format!("after join {round}")).await?;
        }
    }
    let all = |heard: &[Heard]| heard.len() >= 200;
    member
        .until(stage, "a message after each of 200 joins", all)
        .await
}

pub(super) async fn leaves_end_subscriptions(stage: &Stage) -> Result<()> {
    let (name, kept) = (stage.name(), stage.name());
    let [near, far] = stage.ready_nodes::<2>().await?;
    let mut member = far.member_of(&kept).await?;
    let mut second = far.member().await;
    for round in 0..20 {
        member.join(&name).await?;
        second.join(&name).await?;
        second.leave(&name).await?;
        near.publish(&name, format!("heard {round}"))?;
        member.hears(stage, &format!("heard {round}")).await?;
        member.leave(&name).await?;
        // Half of the time the next join meets the end of the subscription.
        if round % 2 == 0 {
            let alone = || far.hub.stats().broker.subscriptions == 1;
            stage
                .until("the subscription to end with its last member", alone)
                .await?;
        }
    }
    near.publish(&kept, "last")?;
    member.hears(stage, "last").await
}

const ROOMS: usize = 5;
const VISITORS: usize = 12;
const VISITS: usize = 30;

pub(super) async fn coming_and_going_loses_nothing(stage: &Stage) -> Result<()> {
    let rooms: Vec<_> = (0..ROOMS).map(|_| stage.name()).collect();
    let counts: Vec<_> = (0..ROOMS).map(|_| AtomicU64::new(0)).collect();
    let [near, one, other] = stage.ready_nodes::<3>().await?;
    let over = AtomicBool::new(false);
    let publishing = async {
        while !over.load(Ordering::Relaxed) {
            for (room, count) in rooms.iter().zip(&counts) {
                let number = count.fetch_add(1, Ordering::SeqCst);
                near.publish_all(room, &format!("{room} {number}")).await?;
            }
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
        Ok(())
    };
    let visiting = async {
        let visitors = (0..VISITORS).map(|visitor| {
            let node = [&one, &other][visitor % 2];
            visit(stage, node, visitor, &rooms, &counts)
        });
        let visited = try_join_all(visitors).await;
        over.store(true, Ordering::Relaxed);
        visited
    };
    let (published, members) = tokio::join!(publishing, visiting);
    let published: Result<()> = published;
    published?;
    // Each has stayed in the room of its last visit.
    let members = members?;
    for (node, from) in [(&one, 0), (&other, 1)] {
        let mut stayed: Vec<_> = (from..VISITORS).step_by(2).map(last_room).collect();
        stayed.sort_unstable();
        stayed.dedup();
        let expected = stayed.len();
        stage
            .until(&format!("{expected} subscriptions to be left"), || {
                node.hub.stats().broker.subscriptions == expected
            })
            .await?;
    }
    drop(join_all(members.into_iter().map(std::future::ready)).await);
    Ok(())
}

fn last_room(visitor: usize) -> usize {
    room_of(visitor, VISITS - 1)
}

/// Each visitor in an order of its own.
fn room_of(visitor: usize, visit: usize) -> usize {
    (visitor * 7 + visit * (1 + visitor % (ROOMS - 1))) % ROOMS
}

/// Joins, waits for what was published after that, leaves; stays the last time.
async fn visit(
    stage: &Stage,
    node: &Node,
    visitor: usize,
    rooms: &[String],
    counts: &[AtomicU64],
) -> Result<Member> {
    let mut member = node.member().await;
    for round in 0..VISITS {
        let at = room_of(visitor, round);
        let room = &rooms[at];
        let from = member.heard.len();
        member.join(room).await?;
        let next = counts[at].load(Ordering::SeqCst);
        let number = |heard: &Heard| number_in(heard, room);
        let later = |heard: &[Heard]| heard[from..].iter().filter_map(number).any(|it| it >= next);
        member
            .until(stage, "what was published after its join", later)
            .await?;
        let numbers: Vec<_> = member.heard[from..].iter().filter_map(number).collect();
        let is_whole = numbers.windows(2).all(|pair| pair[1] == pair[0] + 1);
        ensure(is_whole && numbers[0] <= next, || {
            format!(
                "message {next} was the first to be published after a join; heard were {numbers:?}"
            )
        })?;
        if round + 1 < VISITS {
            member.leave(room).await?;
            member.heard.clear();
        }
    }
    Ok(member)
}

fn number_in(heard: &Heard, room: &str) -> Option<u64> {
    heard.text()?.strip_prefix(room)?.trim_start().parse().ok()
}
