//! Members: who in this shard belongs to which topic. Joining and leaving cost O(1), a walk is one dense vector.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;
use slab::Slab;

use crate::engine::shard::fanout::Chain;
use crate::engine::shard::membership::{Membership, Memberships};
use crate::engine::topic::Topic;

/// The members of all topics in one shard, with the way back from each connection to its topics.
///
/// Invariant: `locals[m.local].members[m.index]` is the member that `memberships[slot]` holds as `m`, and its `back`
/// is the place of `m` in that list. Every removal swaps the last one in and mends one pointer.
pub(crate) struct Members {
    shard: usize,
    locals: Slab<Local>,
    /// Keyed by the topic's address: names were looked up once, by whoever made the handle.
    by_topic: HashMap<usize, u32, RandomState>,
    memberships: Vec<Memberships>,
}

struct Local {
    topic: Arc<Topic>,
    members: Vec<Member>,
    /// What was published to it in this turn.
    chain: Option<Chain>,
}

#[derive(Clone, Copy)]
struct Member {
    slot: u32,
    back: u32,
}

fn key(topic: &Arc<Topic>) -> usize {
    Arc::as_ptr(topic).addr()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a shard has fewer than 2^32 connections and topics"
)]
fn narrow(index: usize) -> u32 {
    index as u32
}

impl Members {
    pub(crate) fn new(shard: usize) -> Self {
        Self {
            shard,
            locals: Slab::new(),
            by_topic: HashMap::default(),
            memberships: Vec::new(),
        }
    }

    /// Adds the connection in `slot`; false when it is a member already.
    pub(crate) fn join(&mut self, slot: u32, topic: &Arc<Topic>) -> bool {
        let local = match self.by_topic.get(&key(topic)) {
            Some(local) => *local,
            None => self.insert(topic),
        };
        if self.memberships.len() <= slot as usize {
            self.memberships
                .resize_with(slot as usize + 1, Memberships::default);
        }
        let memberships = &mut self.memberships[slot as usize];
        if memberships.position(local).is_some() {
            return false;
        }
        let members = &mut self.locals[local as usize].members;
        let index = narrow(members.len());
        let back = narrow(memberships.len());
        members.push(Member { slot, back });
        memberships.push(Membership { local, index });
        true
    }

    fn insert(&mut self, topic: &Arc<Topic>) -> u32 {
        let local = narrow(self.locals.insert(Local {
            topic: Arc::clone(topic),
            members: Vec::new(),
            chain: None,
        }));
        self.by_topic.insert(key(topic), local);
        local
    }

    /// Removes the connection from one topic; false when it is no member.
    pub(crate) fn leave(&mut self, slot: u32, topic: &Arc<Topic>) -> bool {
        let Some(&local) = self.by_topic.get(&key(topic)) else {
            return false;
        };
        let memberships = self.memberships.get(slot as usize);
        let Some(at) = memberships.and_then(|list| list.position(local)) else {
            return false;
        };
        self.remove(slot, at);
        true
    }

    /// Removes the connection from all its topics; gives their number.
    pub(crate) fn leave_all(&mut self, slot: u32) -> usize {
        let mut left = 0;
        while self
            .memberships
            .get(slot as usize)
            .is_some_and(|list| !list.is_empty())
        {
            self.remove(slot, 0);
            left += 1;
        }
        left
    }

    fn remove(&mut self, slot: u32, at: usize) {
        let Some(gone) = self.memberships[slot as usize].swap_remove(at) else {
            return;
        };
        if let Some(moved) = self.memberships[slot as usize].get_mut(at) {
            self.locals[moved.local as usize].members[moved.index as usize].back = narrow(at);
        }
        let local = &mut self.locals[gone.local as usize];
        local.members.swap_remove(gone.index as usize);
        let moved = local.members.get(gone.index as usize);
        if let Some(moved) = moved
            && let Some(place) = self.memberships[moved.slot as usize].get_mut(moved.back as usize)
        {
            place.index = gone.index;
        }
        local.topic.left(self.shard);
        if local.members.is_empty() {
            let local = self.locals.remove(gone.local as usize);
            self.by_topic.remove(&key(&local.topic));
        }
    }

    /// The place of a topic that has members.
    pub(crate) fn local(&self, topic: &Arc<Topic>) -> Option<u32> {
        self.by_topic.get(&key(topic)).copied()
    }

    /// What was published in this turn to the topic at this place; `None` when it has lost its last member.
    pub(crate) fn chain(&mut self, local: u32) -> Option<&mut Option<Chain>> {
        let local = self.locals.get_mut(local as usize)?;
        Some(&mut local.chain)
    }

    /// How many members the topic at this place has.
    pub(crate) fn size(&self, local: u32) -> usize {
        let local = self.locals.get(local as usize);
        local.map_or(0, |local| local.members.len())
    }

    /// The slots of the members of the topic at this place.
    pub(crate) fn of(&self, local: u32) -> impl Iterator<Item = u32> {
        let members = &self.locals[local as usize].members;
        members.iter().map(|member| member.slot)
    }

    /// In how many topics a connection is.
    pub(crate) fn count(&self, slot: u32) -> usize {
        let memberships = self.memberships.get(slot as usize);
        memberships.map_or(0, Memberships::len)
    }

    /// Whether a connection is a member of `topic`, which was at this place when it was asked: since then the place may
    /// have become another topic's.
    pub(crate) fn is_member(&self, slot: u32, local: u32, topic: &Arc<Topic>) -> bool {
        let memberships = self.memberships.get(slot as usize);
        memberships.is_some_and(|list| list.position(local).is_some())
            && Arc::ptr_eq(&self.locals[local as usize].topic, topic)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::Overflow;

    proptest! {
        #[test]
        fn any_history_of_joins_and_leaves_matches_plain_sets(
            steps in prop::collection::vec((0_u8..3, 0_u32..12, 0_usize..5), 0..200)
        ) {
            let topics: Vec<_> = (0..5).map(|_| Arc::new(Topic::new("".into(), Overflow::default(), 1, Arc::default()))).collect();
            let mut members = Members::new(0);
            let mut sets = vec![BTreeSet::new(); topics.len()];
            for (step, slot, topic) in steps {
                match step {
                    0 => {
                        let joined = members.join(slot, &topics[topic]);
                        if joined {
                            topics[topic].joined(0);
                        }
                        prop_assert_eq!(joined, sets[topic].insert(slot));
                    }
                    1 => prop_assert_eq!(members.leave(slot, &topics[topic]), sets[topic].remove(&slot)),
                    _ => {
                        let left: usize = sets.iter_mut().map(|set| usize::from(set.remove(&slot))).sum();
                        prop_assert_eq!(members.leave_all(slot), left);
                    }
                }
                for (topic, set) in topics.iter().zip(&sets) {
                    let local = members.local(topic);
                    let found = local.map(|local| members.of(local).collect::<BTreeSet<_>>());
                    prop_assert_eq!(&found.unwrap_or_default(), set);
                    prop_assert_eq!(topic.members(), set.len());
                }
            }
        }
    }
}
