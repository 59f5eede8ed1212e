//! Cluster: what the nodes know of each other beside their groups' messages: who lives, who is tracked, how many there are.

mod nodes;
mod notice;
mod queries;
mod roster;
mod tracking;

pub(crate) use notice::Notice;
pub(crate) use roster::{Roster, Seen, Step, StepKind};

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sockeye_protocol::CloseCode;

use crate::broker::Uplink;
use crate::connection::Disconnect;
use crate::group::Hub;
use crate::group::cluster::nodes::Nodes;
use crate::group::cluster::notice::{Question, Reply};
use crate::group::cluster::queries::Queries;
use crate::group::hub::Node;
use crate::id::NodeId;

/// Groups that are asked for at once.
const ROSTERS_MAX: usize = 256;

/// What one node keeps of the others.
#[derive(Debug)]
pub(crate) struct Cluster {
    nodes: Nodes,
    queries: Queries,
    /// The version of the roster that changed last here.
    version: AtomicU64,
}

impl Cluster {
    pub(crate) fn new() -> Self {
        Self {
            nodes: Nodes::new(),
            queries: Queries::new(),
            version: AtomicU64::new(0),
        }
    }

    fn latest_version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    fn next_version(&self) -> u64 {
        self.version.fetch_add(1, Ordering::AcqRel) + 1
    }
}

impl Node {
    /// Tells all other nodes.
    pub(super) fn tell_nodes(&self, notice: &Notice) {
        if let Some(uplink) = self.registry.uplink() {
            uplink.notify(None, &notice.write());
        }
    }

    /// Tells the nodes with members in a group.
    fn tell_group(&self, topic: &Arc<str>, notice: &Notice) {
        if let Some(uplink) = self.registry.uplink() {
            uplink.notify(Some(topic), &notice.write());
        }
    }

    fn tell_node(&self, node: NodeId, notice: &Notice) {
        if let Some(uplink) = self.registry.uplink() {
            uplink.notify(Some(&Uplink::inbox_of(node)), &notice.write());
        }
    }

    /// The other nodes can be heard again, or for the first time.
    pub(super) fn greet(&self) {
        self.cluster.nodes.greet();
        self.tell_nodes(&Notice::Hello);
        self.catch_up();
    }

    /// Shows that this node is alive, and gives up those that no longer are.
    pub(super) fn beat(&self) {
        self.tell_nodes(&Notice::Beat);
        for node in self.cluster.nodes.expire(self.lease) {
            tracing::warn!(%node, "a node is gone");
            self.lose_node(node);
        }
    }

    /// Hears that a node lives.
    fn hear_of(&self, node: NodeId, notice: &Notice) {
        let is_new = self.cluster.nodes.hear(node);
        // Who comes says who is with it. One that was silent for too long does not, and was given up with all of them.
        if is_new && !matches!(notice, Notice::Hello | Notice::Bye) {
            self.learn_of(node);
        }
    }

    /// Takes in what another node tells.
    pub(super) fn take_notice(&self, topic: &str, from: NodeId, body: &[u8]) {
        let Some(notice) = Notice::read(body) else {
            return tracing::debug!(node = %from, "a notice that this version does not know");
        };
        // Whoever may publish to one group has a say in that alone.
        let is_of_nodes = topic.starts_with('!');
        if is_of_nodes == matches!(notice, Notice::Change(_) | Notice::Whole { .. }) {
            return tracing::warn!(topic, "a notice where it does not belong was thrown away");
        }
        self.hear_of(from, &notice);
        match notice {
            Notice::Hello => self.tell_nodes(&Notice::Beat),
            Notice::Beat => {}
            Notice::Bye => {
                self.cluster.nodes.forget(from);
                self.lose_node(from);
            }
            Notice::Change(change) => self.follow(topic, from, change),
            Notice::Whole { version, tracked } => self.replace(topic, from, version, tracked),
            Notice::Query { id, question } => self.answer(from, id, question),
            Notice::Answer { id, reply, last } => {
                self.take_reply(from, &reply);
                self.cluster.queries.answer(id, from, reply, last);
            }
            Notice::Disconnect { user, code, reason } => {
                self.disconnect_user(&user, CloseCode::new(code), &reason);
            }
            Notice::Recheck { user } => self.recheck_user(user),
        }
    }

    fn take_reply(&self, node: NodeId, reply: &Reply) {
        if let Reply::Roster {
            group,
            version,
            tracked,
        } = reply
        {
            self.replace(group, node, *version, tracked.clone());
        }
    }

    fn answer(&self, to: NodeId, id: u64, question: Question) {
        let mut replies: VecDeque<_> = match question {
            Question::Rosters(mut groups) => {
                groups.sort_unstable();
                groups.dedup();
                let groups = groups.into_iter().take(ROSTERS_MAX);
                groups.map(|group| self.own_roster(group)).collect()
            }
            Question::Members(group) => {
                let listening = self.registry.by_topic(&group);
                let members = listening.map_or(0, |listening| listening.topic.members());
                VecDeque::from([Reply::Count(members)])
            }
            Question::User(user) => VecDeque::from([Reply::Count(self.users.count(&user))]),
        };
        while let Some(reply) = replies.pop_front() {
            let last = replies.is_empty();
            self.tell_node(to, &Notice::Answer { id, reply, last });
        }
    }

    /// Asks all nodes that are alive. `None` when too much is asked already.
    async fn ask(&self, question: Question) -> Option<Vec<(NodeId, Reply)>> {
        let send = |id| self.tell_nodes(&Notice::Query { id, question });
        self.cluster.nodes.met().await;
        let alive = self.cluster.nodes.alive();
        self.cluster.queries.ask(alive, send).await
    }

    /// The members of a group on all nodes.
    pub(super) async fn count_members(&self, topic: Arc<str>) -> usize {
        let listening = self.registry.by_topic(&topic);
        let here = listening.map_or(0, |listening| listening.topic.members());
        here + sum(&self.ask(Question::Members(topic)).await.unwrap_or_default())
    }

    /// The connections of a user on all nodes.
    pub(super) async fn count_user(&self, user: &str) -> usize {
        let here = self.users.count(user);
        let question = Question::User(user.to_owned());
        here + sum(&self.ask(question).await.unwrap_or_default())
    }

    fn recheck_user(&self, user: String) {
        if let Some(node) = self.me.upgrade() {
            tokio::spawn(async move { Hub(node).user(&user).recheck_here().await });
        }
    }

    /// Closes the connections of a user here.
    pub(super) fn disconnect_user(&self, user: &str, code: CloseCode, reason: &str) {
        self.users.end(user, &Disconnect::revoked(code, reason));
    }
}

fn sum(replies: &[(NodeId, Reply)]) -> usize {
    let counts = replies.iter().map(|(_, reply)| match reply {
        Reply::Count(count) => *count,
        Reply::Roster { .. } => 0,
    });
    counts.fold(0, usize::saturating_add)
}
