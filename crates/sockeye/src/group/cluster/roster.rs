//! Roster: who is tracked in one group, here and on every other node.

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::error::{Error, ErrorKind, Result};
use crate::group::cluster::notice::Change;
use crate::id::NodeId;

/// Bytes of all that a node says of its own members of one group: they are told in one message, and brokers take a
/// megabyte at most.
const OWN_BYTES_MAX: usize = 512 * 1024;

/// What others see of a tracked connection.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Seen {
    pub(crate) user: Option<Arc<str>>,
    pub(crate) info: Arc<RawValue>,
}

impl PartialEq for Seen {
    fn eq(&self, other: &Self) -> bool {
        self.user == other.user && self.info.get() == other.info.get()
    }
}

impl Eq for Seen {}

impl Seen {
    fn bytes(&self) -> usize {
        // With the number and the names around it.
        64 + self.info.get().len() + self.user.as_ref().map_or(0, |user| user.len())
    }
}

/// One node's part, by the numbers of its connections.
#[derive(Debug, Default)]
struct Part {
    /// 0 before the first change. Rises with each, and never comes again on its node.
    version: u64,
    seen: BTreeMap<u64, Seen>,
}

/// All parts: as many as there are nodes, as large as the members that are tracked.
#[derive(Debug)]
pub(crate) struct Roster {
    own: Part,
    own_bytes: usize,
    views: HashMap<NodeId, Part>,
    /// Nodes that are being asked for their part.
    asked: HashSet<NodeId>,
    /// Whether every node has been asked, since this one could last have missed something.
    pub(crate) is_whole: bool,
}

/// What became of one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) node: NodeId,
    pub(crate) connection: u64,
    pub(crate) kind: StepKind,
    /// What is seen of it, or was.
    pub(crate) seen: Seen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StepKind {
    Joined,
    Updated,
    Left,
}

/// What a change of another node's part means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Changed {
    Step(Option<Step>),
    /// Something before it is missing: the node has to be asked.
    Unclear,
}

impl Roster {
    pub(crate) fn new() -> Self {
        Self {
            own: Part::default(),
            own_bytes: 0,
            views: HashMap::new(),
            asked: HashSet::new(),
            is_whole: false,
        }
    }

    /// Tracks a connection here, or changes what is seen of it.
    ///
    /// # Errors
    /// `Limit` when too much would have to be told of all of them.
    pub(crate) fn put(&mut self, connection: u64, seen: Seen, version: u64) -> Result<Change> {
        let known = self.own.seen.get(&connection).map_or(0, Seen::bytes);
        let bytes = self.own_bytes - known + seen.bytes();
        if bytes > OWN_BYTES_MAX {
            let text = format!(
                "cannot track one more connection of the group: what is seen of all of them on this node takes {bytes} \
                 bytes, at most {OWN_BYTES_MAX} are allowed"
            );
            return Err(Error::with(ErrorKind::Limit, text));
        }
        self.own_bytes = bytes;
        self.own.seen.insert(connection, seen.clone());
        Ok(self.own.step(version, connection, Some(seen)))
    }

    /// Tracks a connection no more; gives what was seen of it.
    pub(crate) fn take(&mut self, connection: u64, version: u64) -> Option<(Seen, Change)> {
        let seen = self.own.seen.remove(&connection)?;
        self.own_bytes -= seen.bytes();
        let change = self.own.step(version, connection, None);
        Some((seen, change))
    }

    /// Whether a connection here is tracked.
    pub(crate) fn tracks(&self, connection: u64) -> bool {
        self.own.seen.contains_key(&connection)
    }

    /// This node's part.
    pub(crate) fn own(&self) -> (u64, Vec<(u64, Seen)>) {
        let seen = self.own.seen.iter();
        let seen = seen.map(|(connection, seen)| (*connection, seen.clone()));
        (self.own.version, seen.collect())
    }

    /// Everybody, the parts of `own` being this node's.
    pub(crate) fn all(&self, own: NodeId) -> Vec<(NodeId, u64, Seen)> {
        let views = self.views.iter().map(|(node, part)| (*node, part));
        let parts = std::iter::once((own, &self.own)).chain(views);
        let all = parts.flat_map(|(node, part)| {
            let seen = part.seen.iter();
            seen.map(move |(connection, seen)| (node, *connection, seen.clone()))
        });
        all.collect()
    }

    /// Follows another node's change.
    pub(crate) fn follow(&mut self, node: NodeId, change: Change) -> Changed {
        let version = self.views.get(&node).map_or(0, |part| part.version);
        if version != change.before {
            // Older than what is known already, or something before it is missing.
            return match change.version <= version {
                true => Changed::Step(None),
                false if self.asked.insert(node) => Changed::Unclear,
                false => Changed::Step(None),
            };
        }
        let part = self.views.entry(node).or_default();
        part.version = change.version;
        Changed::Step(part.set(node, change.connection, change.seen))
    }

    /// Takes another node's whole part, unless a newer one is known; gives what is different.
    pub(crate) fn replace(
        &mut self,
        node: NodeId,
        version: u64,
        tracked: Vec<(u64, Seen)>,
    ) -> Vec<Step> {
        self.asked.remove(&node);
        let part = self.views.entry(node).or_default();
        if version < part.version {
            return Vec::new();
        }
        part.version = version;
        part.replace(node, tracked)
    }

    /// Forgets a node that has gone; gives those who were connected to it.
    pub(crate) fn lose(&mut self, node: NodeId) -> Vec<Step> {
        self.asked.remove(&node);
        let part = self.views.remove(&node);
        part.map_or_else(Vec::new, |mut part| part.replace(node, Vec::new()))
    }

    /// Nothing that was asked is answered any more.
    pub(crate) fn forget_asked(&mut self) {
        self.asked.clear();
    }
}

impl Part {
    fn step(&mut self, version: u64, connection: u64, seen: Option<Seen>) -> Change {
        let before = std::mem::replace(&mut self.version, version);
        Change {
            before,
            version,
            connection,
            seen,
        }
    }

    fn replace(&mut self, node: NodeId, tracked: Vec<(u64, Seen)>) -> Vec<Step> {
        let tracked: BTreeMap<_, _> = tracked.into_iter().collect();
        let gone = self.seen.keys().filter(|id| !tracked.contains_key(id));
        let gone: Vec<_> = gone.copied().collect();
        let gone = gone.into_iter().map(|id| (id, None));
        let here = tracked.into_iter().map(|(id, seen)| (id, Some(seen)));
        let all = gone.chain(here);
        all.filter_map(|(id, seen)| self.set(node, id, seen))
            .collect()
    }

    fn set(&mut self, node: NodeId, connection: u64, seen: Option<Seen>) -> Option<Step> {
        let known = match &seen {
            Some(seen) => self.seen.insert(connection, seen.clone()),
            None => self.seen.remove(&connection),
        };
        let (kind, seen) = match (known, seen) {
            (None, Some(seen)) => (StepKind::Joined, seen),
            (Some(known), Some(seen)) if known != seen => (StepKind::Updated, seen),
            (Some(known), None) => (StepKind::Left, known),
            _ => return None,
        };
        Some(Step {
            node,
            connection,
            kind,
            seen,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen() -> Seen {
        let info = serde_json::value::to_raw_value("ada").unwrap().into();
        Seen { user: None, info }
    }

    fn gone(before: u64, version: u64) -> Change {
        Change {
            before,
            version,
            connection: 1,
            seen: None,
        }
    }

    #[test]
    fn an_answer_that_comes_late_changes_nothing() {
        let (mut roster, node) = (Roster::new(), NodeId::from_bits(7));
        assert_eq!(roster.replace(node, 5, vec![(1, seen())]).len(), 1);
        assert!(matches!(
            roster.follow(node, gone(5, 6)),
            Changed::Step(Some(_))
        ));
        assert!(roster.replace(node, 5, vec![(1, seen())]).is_empty());
        assert!(roster.all(NodeId::from_bits(1)).is_empty());
    }

    #[test]
    fn a_node_is_asked_once_until_it_answers() {
        let (mut roster, node) = (Roster::new(), NodeId::from_bits(7));
        assert_eq!(roster.follow(node, gone(3, 4)), Changed::Unclear);
        assert_eq!(roster.follow(node, gone(4, 5)), Changed::Step(None));
        assert_eq!(roster.replace(node, 5, vec![(2, seen())]).len(), 1);
        // What was said before that is old.
        assert_eq!(roster.follow(node, gone(2, 3)), Changed::Step(None));
        assert_eq!(roster.follow(node, gone(9, 10)), Changed::Unclear);
        assert_eq!(roster.lose(node).len(), 1);
    }
}
