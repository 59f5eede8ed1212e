//! Commands carried out: attaching, membership, draining.

use std::hash::BuildHasher;
use std::sync::Arc;
use std::time::Duration;

use sockeye_protocol::CloseCode;

use crate::connection::{Cause, Connection, Disconnect, Frame};
use crate::engine::attach::Attachment;
use crate::engine::inbox::Command;
use crate::engine::lifecycle::Hook;
use crate::engine::link::{Link, NOWHERE};
use crate::engine::shard::Shard;
use crate::engine::shard::entry::Entry;
use crate::engine::shard::line::{Line, Marks};
use crate::engine::topic::Topic;
use crate::message::Format;

impl Shard {
    pub(crate) fn run(&mut self, command: Command) {
        match command {
            Command::Attach(attachment) => self.attach(*attachment),
            Command::Join(link, topic) => self.join(&link, &topic),
            Command::Leave(link, topic) => {
                self.leave(&link, &topic);
            }
            Command::Expel(link, topic, event) => self.expel(&link, topic, event),
            Command::Publish(topic, frame, audience) => self.publish(topic, frame, audience),
            Command::Gap(topic, messages) => self.leave_gap(&topic, messages),
            Command::Send(link, frame) => self.follow(&link, &frame),
            Command::Drain(code, window) => self.drain(code, window),
            Command::Stop => {
                self.stopping = true;
                for slot in self.slots() {
                    self.stop(slot);
                }
            }
            #[cfg(feature = "testing")]
            Command::CountHooks(answer) => {
                let lines = self.lines.iter();
                let running = lines.filter(|(_, line)| line.entry.busy.is_some());
                // Who asked may have given up.
                let _ = answer.send(running.count());
            }
        }
    }

    fn attach(&mut self, attachment: Attachment) {
        let Attachment {
            transport,
            received,
            link,
            lifecycle,
            options,
            deflate,
            pass,
            place,
        } = attachment;
        self.sweep_every = self.sweep_every.min(options.sweep_interval());
        let connection = Connection::new(options, deflate, self.now);
        let mut marks = Marks::new(connection.shared_form());
        marks.set(Marks::TOLD, connection.options().group_completion);
        marks.set(Marks::PACKS, link.format() != Format::Json);
        marks.set(Marks::PROMPT, connection.options().flush_each);
        marks.set(Marks::LOGGED, lifecycle.logs_sent());
        let mut entry = Entry::new(Arc::clone(&link), connection, lifecycle, place);
        entry.handler = self.stint.name(entry.lifecycle.name());
        entry.keep(&received);
        let vacant = self.lines.vacant_entry();
        let slot = u32::try_from(vacant.key()).unwrap_or(NOWHERE);
        let transport = match self.sockets.watch(transport, slot) {
            Ok(transport) => transport,
            Err(error) => {
                tracing::error!(connection = %link.id(), %error, "a socket was lost on its way in");
                return link.shut();
            }
        };
        if transport.is_polled() {
            self.counters.poll();
        }
        vacant.insert(Line {
            transport,
            due: entry.due(),
            entry: Box::new(entry),
            marks,
        });
        // Counted by the shard from here on: one word less for each.
        pass.hand_over();
        link.set_slot(slot);
        if self.stopping {
            self.stop(slot);
        } else if let Some((code, _)) = self.draining {
            self.end(slot, Disconnect::drained(code));
        } else {
            self.lines[slot as usize].entry.lifecycle.connect();
        }
        // Driven by the list of ready ones and not from here: what else is in the inbox comes first.
        link.wake_by_shard();
    }

    /// The counterpart of the count that was made when the join was sent.
    fn join(&mut self, link: &Arc<Link>, topic: &Arc<Topic>) {
        let slot = link.slot();
        let alive = slot != NOWHERE && !self.lines[slot as usize].entry.is_ending();
        if alive {
            // What was published before is not for a newcomer.
            self.catch_up(slot);
        }
        if !alive || !self.members.join(slot, topic) {
            return topic.left(self.index);
        }
        self.note_memberships(slot);
    }

    /// False when it was no member.
    fn leave(&mut self, link: &Arc<Link>, topic: &Arc<Topic>) -> bool {
        let slot = link.slot();
        if slot == NOWHERE {
            return false;
        }
        self.catch_up(slot);
        let left = self.members.leave(slot, topic);
        if let Some(gaps) = self.lines[slot as usize].entry.gaps() {
            gaps.forget(topic);
        }
        self.note_memberships(slot);
        left
    }

    /// Its handler hears of it whatever waits already: once for each group that it was in.
    fn expel(&mut self, link: &Arc<Link>, topic: Arc<Topic>, event: Frame) {
        if self.leave(link, &topic) {
            let entry = &mut self.lines[link.slot() as usize].entry;
            entry.events().push_back((topic, event));
            link.wake_by_shard();
        }
    }

    /// Queues a frame for one connection behind what was published for it before.
    fn follow(&mut self, link: &Arc<Link>, frame: &Frame) {
        let slot = link.slot();
        if slot != NOWHERE {
            self.catch_up(slot);
            self.give(slot, frame, None);
        }
    }

    fn note_memberships(&mut self, slot: u32) {
        let many = self.members.count(slot) > 1;
        self.lines[slot as usize].marks.set(Marks::MANY, many);
    }

    /// Gives each connection its own moment in the window; one that had an earlier moment keeps it.
    fn drain(&mut self, code: CloseCode, window: Duration) {
        // The moments are noticed by the sweep: often enough that they do not meet in a few of them.
        let often = (window / 256).max(Duration::from_millis(5));
        self.sweep_every = self.sweep_every.min(often);
        self.draining = Some((code, window));
        let random = foldhash::fast::RandomState::default();
        for (slot, line) in &mut self.lines {
            let share = random.hash_one(slot) >> 32;
            let share = u32::try_from(share).unwrap_or(u32::MAX);
            let delay = window.mul_f64(f64::from(share) / f64::from(u32::MAX));
            let moment = self.now.after(delay);
            let entry = &mut line.entry;
            entry.drain_at(moment);
            line.due = line.due.min(moment);
        }
    }

    /// Ends a connection without waiting for anything of its peer: its next flush is its last. Its handler has the
    /// disconnect timeout to take it, as always.
    fn stop(&mut self, slot: u32) {
        let entry = &mut self.lines[slot as usize].entry;
        let call = || entry.lifecycle.cancel(Hook::Message);
        self.stint.call(entry.handler, entry.link.number(), call);
        self.end(slot, Disconnect::because(Cause::Stopped));
        self.lines[slot as usize].entry.link.wake_by_shard();
    }

    fn slots(&self) -> Vec<u32> {
        self.lines
            .iter()
            .filter_map(|(slot, _)| u32::try_from(slot).ok())
            .collect()
    }
}
