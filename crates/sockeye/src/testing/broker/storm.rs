//! Storm: members that come and go at random while messages flow, and miss none that they are in time for.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::try_join_all;
use tokio::time::Instant;

use crate::error::Result;
use crate::testing::broker::member::{Heard, Member};
use crate::testing::broker::node::Node;
use crate::testing::broker::stage::{Stage, ensure};

/// What [`BrokerSuite::storm`](crate::testing::BrokerSuite::storm) does.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Storm {
    /// Members, on two nodes by turns. Defaults to 1,000.
    pub members: usize,
    /// Groups, of which each member is in one at a time. Defaults to 100.
    pub groups: usize,
    /// How often each member joins at least. Defaults to 10.
    pub visits: usize,
    /// How long it goes on at least. Defaults to 60 s.
    pub time: Duration,
}

impl Default for Storm {
    fn default() -> Self {
        Self {
            members: 1_000,
            groups: 100,
            visits: 10,
            time: Duration::from_secs(60),
        }
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StormReport {
    /// Joins, each of which was followed by the next message of its group.
    pub joins: usize,
    /// Messages that were published.
    pub published: u64,
    /// Subscriptions of both nodes at the end: one for each group with members there.
    pub subscriptions: usize,
}

impl fmt::Display for StormReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            joins,
            published,
            subscriptions,
        } = self;
        write!(
            f,
            "{joins} joins while {published} messages were published; {subscriptions} subscriptions at the end"
        )
    }
}

/// How long the publisher waits after each group's message.
const PACE: Duration = Duration::from_micros(500);

/// A group, and the number of its next message.
struct Room {
    name: String,
    next: AtomicU64,
}

struct Scene<'a> {
    stage: &'a Stage,
    storm: Storm,
    rooms: Vec<Room>,
    joins: AtomicUsize,
    over: AtomicBool,
}

pub(super) async fn run(stage: &Stage, storm: Storm) -> Result<StormReport> {
    let room = |_| Room {
        name: stage.name(),
        next: AtomicU64::new(0),
    };
    let scene = Scene {
        stage,
        rooms: (0..storm.groups.max(1)).map(room).collect(),
        storm,
        joins: AtomicUsize::new(0),
        over: AtomicBool::new(false),
    };
    let [near, one, other] = stage.ready_nodes::<3>().await?;
    let (published, stayed) = tokio::join!(scene.publish(&near), scene.visit([&one, &other]));
    published?;
    let stayed = stayed?;
    let mut subscriptions = 0;
    for (node, from) in [(&one, 0), (&other, 1)] {
        let mut rooms: Vec<_> = stayed
            .iter()
            .skip(from)
            .step_by(2)
            .map(|stay| stay.1)
            .collect();
        rooms.sort_unstable();
        rooms.dedup();
        scene.await_subscriptions(node, rooms.len()).await?;
        subscriptions += rooms.len();
    }
    let published = scene
        .rooms
        .iter()
        .map(|room| room.next.load(Ordering::SeqCst));
    Ok(StormReport {
        joins: scene.joins.load(Ordering::Relaxed),
        published: published.sum(),
        subscriptions,
    })
}

impl Scene<'_> {
    async fn publish(&self, node: &Node) -> Result<()> {
        while !self.over.load(Ordering::Relaxed) {
            for room in &self.rooms {
                let number = room.next.fetch_add(1, Ordering::SeqCst);
                let text = format!("{} {number}", room.name);
                node.publish_all(&room.name, &text).await?;
            }
            tokio::time::sleep(PACE * u32::try_from(self.rooms.len()).unwrap_or(u32::MAX)).await;
        }
        Ok(())
    }

    /// Everybody's visits; gives the members, each with the room in which it has stayed.
    async fn visit(&self, nodes: [&Node; 2]) -> Result<Vec<(Member, usize)>> {
        let end = Instant::now() + self.storm.time;
        let visitors =
            (0..self.storm.members).map(|visitor| self.visit_all(visitor, nodes[visitor % 2], end));
        let visited = try_join_all(visitors).await;
        self.over.store(true, Ordering::Relaxed);
        visited
    }

    /// One visitor's visits. It stays where the last one was.
    async fn visit_all(
        &self,
        visitor: usize,
        node: &Node,
        end: Instant,
    ) -> Result<(Member, usize)> {
        let mut member = node.member().await;
        let mut visit = 0;
        loop {
            let room = self.room_of(visitor, visit);
            self.visit_one(&mut member, &self.rooms[room]).await?;
            visit += 1;
            if visit >= self.storm.visits && Instant::now() >= end {
                return Ok((member, room));
            }
            member.leave(&self.rooms[room].name).await?;
        }
    }

    /// Each visitor in an order of its own, in which no room follows itself.
    fn room_of(&self, visitor: usize, visit: usize) -> usize {
        let rooms = self.rooms.len();
        let stride = 1 + visitor % rooms.saturating_sub(1).max(1);
        (visitor * 7 + visit * stride) % rooms
    }

    /// Joins, and hears all from the first message that was published after that.
    async fn visit_one(&self, member: &mut Member, room: &Room) -> Result<()> {
        member.heard.clear();
        member.join(&room.name).await?;
        self.joins.fetch_add(1, Ordering::Relaxed);
        let next = room.next.load(Ordering::SeqCst);
        let number = |heard: &Heard| number_in(heard, &room.name);
        let later = |heard: &[Heard]| heard.iter().filter_map(number).any(|it| it >= next);
        let what = "what was published after its join";
        member.until(self.stage, what, later).await?;
        let numbers: Vec<_> = member.heard.iter().filter_map(number).collect();
        let is_whole = numbers.windows(2).all(|pair| pair[1] == pair[0] + 1);
        ensure(is_whole && numbers[0] <= next, || {
            format!(
                "message {next} was the first to be published after a join; heard were {numbers:?}"
            )
        })
    }

    async fn await_subscriptions(&self, node: &Node, expected: usize) -> Result<()> {
        let what = format!("{expected} subscriptions to be left");
        let are_left = || node.hub.stats().broker.subscriptions == expected;
        self.stage.until(&what, are_left).await
    }
}

fn number_in(heard: &Heard, room: &str) -> Option<u64> {
    heard.text()?.strip_prefix(room)?.trim_start().parse().ok()
}
