//! One connection's turn: its handler is polled, its input read and stepped, until one of them has to wait.

use std::task::{Context, Poll};

use crate::connection::{Arrival, Cause, Disconnect};
use crate::engine::lifecycle::Progress;
use crate::engine::link::NOWHERE;
use crate::engine::shard::Shard;

/// Bytes one connection may bring in per turn: the others are waiting.
const TURN_BYTES_MAX: usize = 256 * 1024;

/// Polls of one handler per look at it; more than this many in a row and the others come first.
const POLLS_MAX: usize = 64;

impl Shard {
    pub(crate) fn drive(&mut self, slot: u32) {
        let spare = self.spare.pop();
        self.entries[slot as usize].link.attend(spare);
        self.advance(slot);
        self.listen(slot);
        self.collect(slot, true);
        let entry = &mut self.entries[slot as usize];
        if !entry.dirty {
            entry.dirty = true;
            self.dirty.push(slot);
        }
    }

    /// Polls the handler until it is ready for a message, has to wait, or is through.
    fn advance(&mut self, slot: u32) {
        for _ in 0..POLLS_MAX {
            let entry = &mut self.entries[slot as usize];
            if entry.finished {
                return;
            }
            let mut cx = Context::from_waker(&entry.waker);
            let progress = entry.lifecycle.poll(&mut cx);
            entry.ready = matches!(progress, Progress::Ready);
            entry.busy = match progress {
                Progress::Busy(hook) => match entry.busy {
                    Some((before, since)) if before == hook => Some((hook, since)),
                    _ => Some((hook, self.now)),
                },
                _ => None,
            };
            match progress {
                Progress::Ready | Progress::Full | Progress::Busy(_) => return,
                Progress::End(disconnect) => {
                    // What the handler asked for before it returned or failed was first.
                    let asked = entry.link.take_close();
                    self.end(slot, asked.unwrap_or(disconnect));
                }
                Progress::Finished => entry.finished = true,
            }
        }
        self.entries[slot as usize].link.wake_by_shard();
    }

    /// Reads and steps as long as the handler takes it.
    fn listen(&mut self, slot: u32) {
        let mut taken = 0;
        loop {
            if !self.feed_leftover(slot) {
                return;
            }
            let entry = &mut self.entries[slot as usize];
            if !entry.listens() {
                entry.paused = true;
                return;
            }
            if taken >= TURN_BYTES_MAX {
                entry.link.wake_by_shard();
                return;
            }
            match entry.poll_read(&mut self.buffer) {
                Poll::Pending => return,
                Poll::Ready(Ok(0) | Err(_)) => {
                    // Both are the end of the stream; a close frame would have come first.
                    entry.dead = true;
                    return self.end(slot, Disconnect::because(Cause::PeerLost));
                }
                Poll::Ready(Ok(read)) => {
                    taken += read;
                    entry.connection.heard(self.now);
                    self.feed(slot, read);
                }
            }
        }
    }

    /// Steps what was kept when the handler was busy; true when nothing is left of it.
    fn feed_leftover(&mut self, slot: u32) -> bool {
        loop {
            let entry = &mut self.entries[slot as usize];
            if entry.leftover.is_none() {
                return true;
            }
            if !entry.listens() {
                entry.paused = true;
                return false;
            }
            let leftover = entry.leftover.take().unwrap_or_default();
            // What came with the handshake may be more than the buffer holds.
            let len = leftover.len().min(self.buffer.len());
            self.buffer[..len].copy_from_slice(&leftover[..len]);
            self.feed(slot, len);
            self.keep(slot, &leftover[len..]);
        }
    }

    /// Steps the first `len` bytes of the buffer; what cannot be taken now is kept.
    fn feed(&mut self, slot: u32, len: usize) {
        let mut at = 0;
        while at < len {
            let entry = &mut self.entries[slot as usize];
            if !entry.listens() {
                let rest: Box<[u8]> = self.buffer[at..len].into();
                return self.keep(slot, &rest);
            }
            let input = &mut self.buffer[at..len];
            let (consumed, arrival) =
                entry
                    .connection
                    .receive(input, &mut self.workspace.inbound, self.now);
            at += consumed;
            match arrival {
                Arrival::Nothing => {}
                Arrival::End(disconnect) => self.end(slot, disconnect),
                // After the end began, messages are read only to reach the peer's close frame.
                Arrival::Message(_) if entry.end_by.is_some() => {}
                Arrival::Message(payload) => match entry.lifecycle.message(payload) {
                    Ok(()) => self.advance(slot),
                    Err(disconnect) => self.end(slot, disconnect),
                },
            }
            self.settle_message(slot);
        }
    }

    /// What one message caused goes out before what the next one causes: first its replies, then its broadcasts. When
    /// it closed the connection, there is no next one.
    fn settle_message(&mut self, slot: u32) {
        let closed = !self.entries[slot as usize].link.is_open();
        if closed || self.inbox.has_commands() {
            self.collect(slot, false);
            self.run_commands();
        }
    }

    fn keep(&mut self, slot: u32, rest: &[u8]) {
        let entry = &mut self.entries[slot as usize];
        if rest.is_empty() || entry.dead {
            return;
        }
        let mut kept = entry.leftover.take().unwrap_or_default().into_vec();
        kept.extend_from_slice(rest);
        entry.leftover = Some(kept.into());
    }

    /// Takes what the handler left on the link: replies, and the wish to close.
    pub(crate) fn collect(&mut self, slot: u32, done: bool) {
        let entry = &mut self.entries[slot as usize];
        let taken = entry.link.take(done);
        let free = if taken.frames.is_empty() || entry.dead {
            Some(taken.frames)
        } else {
            entry
                .connection
                .send_own(taken.frames, &mut self.workspace.outbound)
        };
        if let Some(buffer) = free {
            self.keep_spare(buffer);
        }
        if let Some(disconnect) = taken.close {
            self.end(slot, disconnect);
            self.advance(slot);
        }
    }

    /// Keeps a buffer for the next connection, unless it is large or there are enough.
    pub(crate) fn keep_spare(&mut self, mut buffer: Vec<u8>) {
        const SPARES_MAX: usize = 64;
        const SPARE_BYTES_MAX: usize = 16 * 1024;
        if (1..=SPARE_BYTES_MAX).contains(&buffer.capacity()) && self.spare.len() < SPARES_MAX {
            buffer.clear();
            self.spare.push(buffer);
        }
    }

    /// Removes a connection of which nothing is left to do.
    pub(crate) fn remove_if_over(&mut self, slot: u32) {
        if !self.entries[slot as usize].is_over() {
            return;
        }
        let entry = self.entries.remove(slot as usize);
        self.members.leave_all(slot);
        entry.link.set_slot(NOWHERE);
        drop(entry);
    }
}
