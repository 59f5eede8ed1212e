//! Gaps: what one connection lost of its groups and its handler has not been told yet.

use std::sync::Arc;

use crate::engine::shard::Shard;
use crate::engine::topic::Topic;

/// One number for each topic; one word while nothing was lost. Bounded by the groups that the connection is in.
#[derive(Default)]
pub(crate) struct Gaps(Option<Box<Untold>>);

#[derive(Default)]
struct Untold {
    lost: Vec<(Arc<Topic>, u64)>,
    /// The peer has taken something since: its handler may send it something about that.
    due: bool,
}

impl Gaps {
    pub(crate) fn add(&mut self, topic: &Arc<Topic>, messages: u64) {
        let lost = &mut self.0.get_or_insert_default().lost;
        match lost.iter_mut().find(|(known, _)| Arc::ptr_eq(known, topic)) {
            Some((_, known)) => *known += messages,
            None => lost.push((Arc::clone(topic), messages)),
        }
    }

    /// Notes that the peer has taken something; true when there is now something to tell.
    pub(crate) fn let_tell(&mut self) -> bool {
        let untold = self.0.as_mut();
        untold.is_some_and(|untold| !std::mem::replace(&mut untold.due, true))
    }

    /// Takes the next one that may be told.
    fn take(&mut self) -> Option<(Arc<Topic>, u64)> {
        let untold = self.0.as_mut().filter(|untold| untold.due)?;
        let next = untold.lost.pop();
        if untold.lost.is_empty() {
            self.0 = None;
        }
        next
    }

    /// Forgets a topic that the connection has left.
    pub(crate) fn forget(&mut self, topic: &Arc<Topic>) {
        if let Some(untold) = &mut self.0 {
            untold.lost.retain(|(known, _)| !Arc::ptr_eq(known, topic));
        }
    }
}

impl Shard {
    /// Tells the handler what its peer has lost, one group after the other, as long as it takes that.
    pub(crate) fn tell_gaps(&mut self, slot: u32) {
        loop {
            let entry = &mut *self.lines[slot as usize].entry;
            if !entry.ready || entry.is_ending() {
                return;
            }
            let Some((topic, messages)) = entry.gaps.take() else {
                return;
            };
            let call = || entry.lifecycle.gap(topic.name(), messages);
            self.stint.call(entry.handler, entry.link.id(), call);
            self.advance(slot);
            self.settle_message(slot);
        }
    }
}
