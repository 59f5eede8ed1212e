//! Gaps: what one connection lost of its groups and its handler has not been told yet.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::engine::shard::Shard;
use crate::engine::shard::fanout::Spot;
use crate::engine::topic::Topic;

/// Stands for a number of messages that nobody can know.
pub(crate) const UNCOUNTED: u64 = u64::MAX;

/// One number for each topic. Bounded by the groups that the connection is in.
#[derive(Default)]
pub(crate) struct Gaps {
    lost: VecDeque<Lost>,
    /// The peer has taken something since: its handler may send it something about that.
    due: bool,
}

struct Lost {
    topic: Arc<Topic>,
    messages: u64,
    /// Where they are missing; none where it is the peer that did not take them.
    spot: Option<Spot>,
}

impl Gaps {
    pub(crate) fn is_empty(&self) -> bool {
        self.lost.is_empty()
    }

    pub(crate) fn add(&mut self, topic: &Arc<Topic>, messages: u64, spot: Option<Spot>) {
        let mut known = self.lost.iter_mut();
        match known.find(|known| Arc::ptr_eq(&known.topic, topic)) {
            Some(known) => known.messages = known.messages.saturating_add(messages),
            None => self.lost.push_back(Lost {
                topic: Arc::clone(topic),
                messages,
                spot,
            }),
        }
    }

    /// Notes that the peer has taken something; true when there is now something to tell.
    pub(crate) fn let_tell(&mut self) -> bool {
        !self.is_empty() && !std::mem::replace(&mut self.due, true)
    }

    /// Takes the next one that may be told.
    fn take(&mut self) -> Option<Lost> {
        if !self.due {
            return None;
        }
        let next = self.lost.pop_front();
        self.due = !self.is_empty();
        next
    }

    /// Forgets a topic that the connection has left.
    pub(crate) fn forget(&mut self, topic: &Arc<Topic>) {
        self.lost.retain(|known| !Arc::ptr_eq(&known.topic, topic));
    }
}

impl Shard {
    /// Leaves word for each member's handler that messages of the topic never came here.
    pub(crate) fn leave_gap(&mut self, topic: &Arc<Topic>, messages: u64) {
        let Some(local) = self.members.local(topic) else {
            return;
        };
        let spot = self.fanout.spot();
        for slot in self.members.of(local) {
            let entry = &mut self.lines[slot as usize].entry;
            if entry.is_ending() {
                continue;
            }
            entry.lose_messages(topic, messages, Some(spot));
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
            let Some(lost) = entry.gaps().and_then(Gaps::take) else {
                return;
            };
            match lost.spot {
                Some(spot) => self.tell_at(slot, &lost, spot),
                None => self.tell_gap(slot, &lost),
            }
            self.settle_message(slot);
        }
    }

    /// Tells of a gap so that what its handler sends of it leaves behind what was published before the gap, and ahead of
    /// what came after it in this turn.
    fn tell_at(&mut self, slot: u32, lost: &Lost, spot: Spot) {
        self.send_replies();
        self.fanout.show_to(Some(spot));
        self.tell_gap(slot, lost);
        self.collect_frames(slot);
        self.fanout.show_to(None);
    }

    fn tell_gap(&mut self, slot: u32, lost: &Lost) {
        let entry = &mut *self.lines[slot as usize].entry;
        let call = || entry.lifecycle.gap(lost.topic.name(), lost.messages);
        self.stint.call(entry.handler, entry.link.number(), call);
        self.advance(slot);
    }
}
