//! Events: what was published to the handlers of a topic's members, on its way to each of them.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::connection::Frame;
use crate::engine::shard::Shard;
use crate::engine::shard::gaps::Gaps;
use crate::engine::topic::Topic;

/// The events that one connection's handler has not heard of yet. Bounded by its options.
pub(crate) type Events = VecDeque<(Arc<Topic>, Frame)>;

impl Shard {
    /// Leaves an event for each handler of the topic's members; one that has too many waiting loses it, and is told so
    /// as of any message of the group.
    pub(crate) fn leave_event(&mut self, topic: &Arc<Topic>, frame: &Frame, except: Option<u32>) {
        let Some(local) = self.members.local(topic) else {
            return;
        };
        for slot in self.members.of(local) {
            let entry = &mut self.lines[slot as usize].entry;
            if entry.is_ending() || except == Some(slot) {
                continue;
            }
            let limit = entry.connection.options().events;
            let events = entry.events();
            if events.len() < limit {
                events.push_back((Arc::clone(topic), frame.clone()));
            } else {
                entry.lose_messages(topic, 1, None);
                // It is the handler that is behind, not its peer: nothing stands in the way of telling.
                entry.gaps().map(Gaps::let_tell);
                self.counters.drop_messages(1);
            }
            entry.link.wake_by_shard();
        }
    }

    /// Tells the handler of the events that wait, as long as it takes them; what comes meanwhile waits for the next turn.
    pub(crate) fn tell_events(&mut self, slot: u32) {
        let waiting = self.lines[slot as usize].entry.waiting_events();
        for _ in 0..waiting {
            let entry = &mut *self.lines[slot as usize].entry;
            if !entry.ready || entry.is_ending() {
                return;
            }
            let Some((topic, frame)) = entry.events().pop_front() else {
                return;
            };
            let call = || entry.lifecycle.event(topic.name(), frame);
            self.stint.call(entry.handler, entry.link.number(), call);
            self.advance(slot);
            self.settle_message(slot);
        }
        let entry = &self.lines[slot as usize].entry;
        if entry.waiting_events() > 0 {
            entry.link.wake_by_shard();
        }
    }
}
