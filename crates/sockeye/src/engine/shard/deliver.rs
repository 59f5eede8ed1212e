//! Commands carried out: attaching, membership, and the fan-out of a publication to local members.

use std::sync::Arc;
use std::time::Duration;

use sockeye_protocol::CloseCode;

use crate::connection::{Cause, Disconnect, Frame};
use crate::engine::attach::Attachment;
use crate::engine::inbox::Command;
use crate::engine::lifecycle::Hook;
use crate::engine::link::{Link, NOWHERE};
use crate::engine::shard::Shard;
use crate::engine::shard::entry::Entry;
use crate::engine::topic::Topic;

impl Shard {
    pub(crate) fn run(&mut self, command: Command) {
        match command {
            Command::Attach(attachment) => self.attach(*attachment),
            Command::Join(link, topic) => self.join(&link, &topic),
            Command::Leave(link, topic) => {
                if link.slot() != NOWHERE {
                    self.members.leave(link.slot(), &topic);
                }
            }
            Command::Publish(topic, frame, except) => self.publish(&topic, &frame, except.as_ref()),
            Command::Drain(code, window) => self.drain(code, window),
            Command::Stop => {
                self.stopping = true;
                for slot in self.slots() {
                    self.stop(slot);
                }
            }
        }
    }

    fn attach(&mut self, attachment: Attachment) {
        self.sweep_every = self.sweep_every.min(attachment.options.sweep_interval());
        let entry = Box::new(Entry::new(attachment, self.now));
        let link = Arc::clone(&entry.link);
        let slot = self.entries.insert(entry);
        let slot = u32::try_from(slot).unwrap_or(NOWHERE);
        link.set_slot(slot);
        if self.stopping {
            self.stop(slot);
        } else if let Some((code, _)) = self.draining {
            self.end(slot, Disconnect::drained(code));
        } else {
            self.entries[slot as usize].lifecycle.connect();
        }
        // Driven by the list of ready ones and not from here: what else is in the inbox comes first.
        link.wake_by_shard();
    }

    /// The counterpart of the count that was made when the join was sent.
    fn join(&mut self, link: &Arc<Link>, topic: &Arc<Topic>) {
        let slot = link.slot();
        let alive = slot != NOWHERE && !self.entries[slot as usize].is_ending();
        if !alive || !self.members.join(slot, topic) {
            topic.left(self.index);
        }
    }

    /// Cost per member: a table look-up, a reference count and a place in its outbox; no lock, no allocation, and one
    /// write per member and turn however many publications meet in it. `bench/` will watch over it.
    fn publish(&mut self, topic: &Arc<Topic>, frame: &Frame, except: Option<&Arc<Link>>) {
        let mut slow = Vec::new();
        for slot in self.members.of(topic) {
            let entry = &mut self.entries[slot as usize];
            if except.is_some_and(|link| Arc::ptr_eq(link, &entry.link)) {
                continue;
            }
            if !entry
                .connection
                .send_shared(frame, &mut self.workspace.outbound)
            {
                slow.push(slot);
            } else if !entry.dirty {
                entry.dirty = true;
                self.dirty.push(slot);
            }
        }
        for slot in slow {
            self.relieve(slot, frame);
        }
    }

    /// For a member without room for `frame`: it is too slow only if what it was sent in this turn does not leave now.
    fn relieve(&mut self, slot: u32, frame: &Frame) {
        self.flush(slot);
        let entry = &mut self.entries[slot as usize];
        if entry.is_ending() {
            return;
        }
        let outbound = &mut self.workspace.outbound;
        if entry.connection.send_shared(frame, outbound) {
            entry.dirty = true;
            self.dirty.push(slot);
        } else {
            self.end(slot, Disconnect::because(Cause::SlowConsumer));
        }
    }

    /// Gives each connection its own moment in the window; one that had an earlier moment keeps it.
    fn drain(&mut self, code: CloseCode, window: Duration) {
        // The moments are noticed by the sweep: often enough that they do not meet in a few of them.
        let often = (window / 256).max(Duration::from_millis(5));
        self.sweep_every = self.sweep_every.min(often);
        self.draining = Some((code, window));
        let random = foldhash::fast::RandomState::default();
        for slot in self.slots() {
            let entry = &mut self.entries[slot as usize];
            let share = std::hash::BuildHasher::hash_one(&random, slot) >> 32;
            let share = u32::try_from(share).unwrap_or(u32::MAX);
            let delay = window.mul_f64(f64::from(share) / f64::from(u32::MAX));
            let moment = self.now + delay;
            entry.drain_at = Some(entry.drain_at.map_or(moment, |before| before.min(moment)));
        }
    }

    /// Ends a connection without waiting for anything of its peer: its next flush is its last. Its handler has the
    /// disconnect timeout to take it, as always.
    fn stop(&mut self, slot: u32) {
        self.entries[slot as usize].lifecycle.cancel(Hook::Message);
        self.end(slot, Disconnect::because(Cause::Stopped));
        self.entries[slot as usize].link.wake_by_shard();
    }

    pub(crate) fn slots(&self) -> Vec<u32> {
        self.entries
            .iter()
            .filter_map(|(slot, _)| u32::try_from(slot).ok())
            .collect()
    }
}
