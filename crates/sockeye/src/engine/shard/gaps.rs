//! Gaps: what one connection lost of its groups and its handler has not been told yet.

use std::sync::Arc;

use crate::engine::shard::Shard;
use crate::engine::topic::Topic;

/// Stands for a number of messages that nobody can know.
pub(crate) const UNCOUNTED: u64 = u64::MAX;

/// One number for each topic. Bounded by the groups that the connection is in.
#[derive(Default)]
pub(crate) struct Gaps {
    lost: Vec<(Arc<Topic>, u64)>,
    /// The peer has taken something since: its handler may send it something about that.
    due: bool,
}

impl Gaps {
    pub(crate) fn is_empty(&self) -> bool {
        self.lost.is_empty()
    }

    pub(crate) fn add(&mut self, topic: &Arc<Topic>, messages: u64) {
        match self
            .lost
            .iter_mut()
            .find(|(known, _)| Arc::ptr_eq(known, topic))
        {
            Some((_, known)) => *known = known.saturating_add(messages),
            None => self.lost.push((Arc::clone(topic), messages)),
        }
    }

    /// Notes that the peer has taken something; true when there is now something to tell.
    pub(crate) fn let_tell(&mut self) -> bool {
        !self.is_empty() && !std::mem::replace(&mut self.due, true)
    }

    /// Takes the next one that may be told.
    fn take(&mut self) -> Option<(Arc<Topic>, u64)> {
        if !self.due {
            return None;
        }
        let next = self.lost.pop();
        self.due = !self.is_empty();
        next
    }

    /// Forgets a topic that the connection has left.
    pub(crate) fn forget(&mut self, topic: &Arc<Topic>) {
        self.lost.retain(|(known, _)| !Arc::ptr_eq(known, topic));
    }
}

impl Shard {
    /// Leaves word for each member's handler that messages of the topic never came here.
    pub(crate) fn leave_gap(&mut self, topic: &Arc<Topic>, messages: u64) {
        let Some(local) = self.members.local(topic) else {
            return;
        };
        for slot in self.members.of(local) {
            let entry = &mut self.lines[slot as usize].entry;
            if entry.is_ending() {
                continue;
            }
            entry.lose_messages(topic, messages);
            // It is not the peer that is behind: nothing stands in the way of telling.
            entry.gaps().map(Gaps::let_tell);
            entry.link.wake_by_shard();
        }
    }

    /// Tells the handler what its peer has lost, one group after the other, as long as it takes that.
    pub(crate) fn tell_gaps(&mut self, slot: u32) {
        loop {
            let entry = &mut *self.lines[slot as usize].entry;
            if !entry.ready || entry.is_ending() {
                return;
            }
            let Some((topic, messages)) = entry.gaps().and_then(Gaps::take) else {
                return;
            };
            let call = || entry.lifecycle.gap(topic.name(), messages);
            self.stint.call(entry.handler, entry.link.number(), call);
            self.advance(slot);
            self.settle_message(slot);
        }
    }
}
