//! Chaos: the service taken away again and again, and every member's messages held against the gaps it was told of.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::{join_all, try_join_all};
use tokio::time::Instant;

use crate::error::{Error, Result};
use crate::testing::broker::member::{Heard, Member};
use crate::testing::broker::node::Node;
use crate::testing::broker::outage::Outage;
use crate::testing::broker::stage::{Stage, ensure, group};

/// What [`BrokerSuite::chaos`](crate::testing::BrokerSuite::chaos) does.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Chaos {
    /// How often the service ends and starts. Defaults to 20.
    pub restarts: usize,
    /// How often it hangs, for 1 s to 10 s. Defaults to 10; none where the [`Outage`] cannot do that.
    pub freezes: usize,
    /// Nodes, each with a publisher. Defaults to 3.
    pub nodes: usize,
    /// Groups, in each of which every node has a member. Defaults to 8.
    pub groups: usize,
    /// How long each publisher waits before it publishes to all groups once more. Defaults to 5 ms.
    pub pace: Duration,
}

impl Default for Chaos {
    fn default() -> Self {
        Self {
            restarts: 20,
            freezes: 10,
            nodes: 3,
            groups: 8,
            pace: Duration::from_millis(5),
        }
    }
}

/// What came of it.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ChaosReport {
    /// From each return of the service to the moment when all subscriptions of all nodes were live again: of restarts,
    /// then of freezes. None where a node had not noticed that the service hung.
    pub recoveries: Vec<Duration>,
    /// Messages that publishers were told had been taken in.
    pub accepted: u64,
    /// Messages that publishers were told the other nodes would not get.
    pub refused: u64,
    /// Messages that members on other nodes heard.
    pub heard: u64,
    /// Messages that they did not hear, each of which they were told of.
    pub missed: u64,
    /// Gaps that they were told of.
    pub gaps: u64,
}

impl fmt::Display for ChaosReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut times = self.recoveries.clone();
        times.sort_unstable();
        let median = times.get(times.len() / 2).copied().unwrap_or_default();
        let longest = times.last().copied().unwrap_or_default();
        let Self {
            accepted,
            refused,
            heard,
            missed,
            gaps,
            ..
        } = self;
        let count = times.len();
        write!(
            f,
            "{count} recoveries in {median:.0?} (median) to {longest:.0?}; publications: {accepted} accepted, {refused} \
             refused; members elsewhere: {heard} heard, {missed} missed, {gaps} gaps told"
        )
    }
}

/// What the publishers share.
#[derive(Default)]
struct Load {
    over: AtomicBool,
    accepted: AtomicU64,
    refused: AtomicU64,
}

pub(super) async fn run(
    stage: &Stage,
    outage: &mut dyn Outage,
    chaos: Chaos,
) -> Result<ChaosReport> {
    let names: Vec<_> = (0..chaos.groups).map(|_| stage.name()).collect();
    let nodes: Vec<_> = (0..chaos.nodes).map(|_| stage.node()).collect();
    let mut members = Vec::new();
    for node in &nodes {
        stage.ready(node).await?;
        let mut member = node.member().await;
        for name in &names {
            member.join(name).await?;
        }
        members.push(member);
    }
    let load = Load::default();
    let publishing = join_all(
        nodes
            .iter()
            .enumerate()
            .map(|(index, node)| publish(node, index, &names, &load, chaos.pace)),
    );
    let raging = async {
        let raged = rage(stage, outage, &chaos, &nodes).await;
        load.over.store(true, Ordering::Relaxed);
        raged
    };
    let (raged, sent) = tokio::join!(raging, publishing);
    let mut report = ChaosReport {
        recoveries: raged?,
        accepted: load.accepted.into_inner(),
        refused: load.refused.into_inner(),
        ..ChaosReport::default()
    };
    finish(stage, &nodes, &names, &sent).await?;
    for (home, member) in members.iter_mut().enumerate() {
        hear_out(stage, member, &names, &sent).await?;
        judge(member, home, &names, &mut report)?;
    }
    Ok(report)
}

/// Publishes to all groups until it is over; gives the next number.
async fn publish(node: &Node, index: usize, names: &[String], load: &Load, pace: Duration) -> u64 {
    let mut number = 0;
    while !load.over.load(Ordering::Relaxed) {
        for (group, name) in names.iter().enumerate() {
            let count = match node.publish(name, format!("{index} {group} {number}")) {
                Ok(()) => &load.accepted,
                Err(_) => &load.refused,
            };
            count.fetch_add(1, Ordering::Relaxed);
        }
        number += 1;
        tokio::time::sleep(pace).await;
    }
    number
}

async fn rage(
    stage: &Stage,
    outage: &mut dyn Outage,
    chaos: &Chaos,
    nodes: &[Node],
) -> Result<Vec<Duration>> {
    let mut recoveries = Vec::new();
    for round in 0..chaos.restarts {
        let sessions: Vec<_> = nodes.iter().map(sessions).collect();
        outage.down().await;
        tokio::time::sleep(Duration::from_millis(37 * round as u64 % 500)).await;
        outage.up().await;
        let back = Instant::now();
        // Who has not noticed the end yet is not ready, whatever it says.
        let again = || {
            nodes
                .iter()
                .zip(&sessions)
                .all(|(node, before)| self::sessions(node) > *before)
        };
        stage.until("new sessions after a restart", again).await?;
        all_ready(stage, nodes).await?;
        recoveries.push(back.elapsed());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for round in 0..chaos.freezes {
        if !outage.freeze() {
            break;
        }
        let seconds = 1 + (round as u64 * 9) / (chaos.freezes.max(2) as u64 - 1);
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        let noticed = nodes.iter().any(|node| !node.hub.readiness().is_ready());
        outage.thaw();
        let back = Instant::now();
        all_ready(stage, nodes).await?;
        if noticed {
            recoveries.push(back.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(recoveries)
}

fn sessions(node: &Node) -> u64 {
    node.hub.stats().broker.sessions
}

async fn all_ready(stage: &Stage, nodes: &[Node]) -> Result<()> {
    try_join_all(nodes.iter().map(|node| stage.ready(node))).await?;
    Ok(())
}

/// Publishes what everybody must hear, so that what was lost before shows.
async fn finish(stage: &Stage, nodes: &[Node], names: &[String], sent: &[u64]) -> Result<()> {
    all_ready(stage, nodes).await?;
    for ((index, node), number) in nodes.iter().enumerate().zip(sent) {
        for (group, name) in names.iter().enumerate() {
            node.publish(name, format!("{index} {group} {number}"))?;
        }
    }
    Ok(())
}

/// Waits until a member has heard the last of everybody.
async fn hear_out(
    stage: &Stage,
    member: &mut Member,
    names: &[String],
    sent: &[u64],
) -> Result<()> {
    for (publisher, number) in sent.iter().enumerate() {
        for group in 0..names.len() {
            let last = format!("{publisher} {group} {number}");
            member.hears(stage, &last).await?;
        }
    }
    Ok(())
}

/// Holds what a member has heard against what it was told to be missing.
fn judge(member: &Member, home: usize, names: &[String], report: &mut ChaosReport) -> Result<()> {
    let told = gaps(member, names)?;
    report.gaps += told.iter().map(Vec::len).sum::<usize>() as u64;
    // For each publisher and group: the number heard last, and where that was.
    let mut last: HashMap<(usize, usize), (u64, usize)> = HashMap::new();
    for (at, text) in texts(member) {
        let (publisher, group, number) = parse(text)?;
        let (next, since) = match last.insert((publisher, group), (number, at)) {
            Some((before, since)) => (before + 1, since),
            None => (0, 0),
        };
        let found = || {
            format!(
                "a member of node {home} heard message {number} of publisher {publisher} in group {group} where {next} \
                 was next"
            )
        };
        ensure(number >= next, || {
            format!("{}: twice, or out of order", found())
        })?;
        let missed = number - next;
        let is_told = told[group]
            .iter()
            .any(|gap| (since..at + LATE).contains(gap));
        ensure(missed == 0 || publisher != home, || {
            format!("{}, on its own node", found())
        })?;
        ensure(missed == 0 || is_told, || {
            format!("{}, and was told of no gap", found())
        })?;
        if publisher != home {
            report.heard += 1;
            report.missed += missed;
        }
    }
    Ok(())
}

/// How late a gap may be told, in messages that are heard before: it comes by way of the handler, and messages do not.
const LATE: usize = 1_000;

/// Where a member was told of gaps, for each group.
fn gaps(member: &Member, names: &[String]) -> Result<Vec<Vec<usize>>> {
    let groups = names.iter().map(|name| Ok(group(name)?.to_string()));
    let groups = groups.collect::<Result<Vec<_>>>()?;
    let mut told = vec![Vec::new(); groups.len()];
    for (at, heard) in member.heard.iter().enumerate() {
        if let Heard::Gap(name) = heard {
            let group = groups.iter().position(|group| group == name);
            let group = group
                .ok_or_else(|| Error::new(format!("a gap was told in {name}, where nobody is")))?;
            told[group].push(at);
        }
    }
    Ok(told)
}

fn texts(member: &Member) -> impl Iterator<Item = (usize, &str)> {
    let heard = member.heard.iter().enumerate();
    heard.filter_map(|(at, heard)| Some((at, heard.text()?)))
}

fn parse(text: &str) -> Result<(usize, usize, u64)> {
    let mut parts = text.split(' ');
    let mut part = || parts.next().unwrap_or_default();
    Ok((part().parse()?, part().parse()?, part().parse()?))
}
