//! Linger: a short look for the rest of a burst before a large fan-out begins.

use crate::engine::shard::Shard;

/// Members that make a fan-out large: writing to them takes many times as long as looking for more.
const LARGE_MEMBERS: usize = 128;

/// Looks in vain before a large fan-out begins; some 30 microseconds, a publisher's pause between two messages.
const LOOKS: usize = 24;

impl Shard {
    /// Looks for more publications if the last fan-out brought several at once: what is found leaves in the same write
    /// for each member. Without a burst before it nothing waits.
    pub(crate) fn linger(&mut self) {
        if !self.fanout.follows_burst() || !self.has_large_fanout() {
            return;
        }
        let mut looks = 0;
        while looks < LOOKS && !self.fanout.is_empty() {
            let found = self.fanout.len();
            if self.sockets.look() {
                self.notice_all();
            }
            self.run_commands();
            looks = if self.fanout.len() > found {
                0
            } else {
                looks + 1
            };
        }
    }

    fn has_large_fanout(&self) -> bool {
        let mut topics = self.fanout.topics().iter();
        topics.any(|local| self.members.size(*local) >= LARGE_MEMBERS)
    }
}
