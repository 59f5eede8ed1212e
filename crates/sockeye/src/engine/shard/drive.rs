//! One connection's turn: its handler is polled, its input read and stepped, until one of them has to wait.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll};

use bytes::Buf;

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
        self.settle_message(slot);
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
                Progress::End(disconnect) => self.end(slot, disconnect),
                Progress::Finished => entry.finished = true,
            }
        }
        self.entries[slot as usize].link.wake_by_shard();
    }

    /// Steps and reads as long as the handler takes it.
    fn listen(&mut self, slot: u32) {
        let mut taken = 0;
        loop {
            let entry = &mut self.entries[slot as usize];
            if !entry.listens() {
                entry.paused = entry.is_backlogged();
                return;
            }
            if taken >= TURN_BYTES_MAX {
                return entry.link.wake_by_shard();
            }
            let stepped = match entry.leftover.is_empty() {
                true => self.read(slot),
                false => self.feed_leftover(slot),
            };
            if stepped == 0 {
                return;
            }
            taken += stepped;
        }
    }

    /// Reads once and steps what came; gives its length, 0 when nothing is there or will come any more.
    fn read(&mut self, slot: u32) -> usize {
        let mut buffer = std::mem::take(&mut self.buffer);
        let entry = &mut self.entries[slot as usize];
        let read = match entry.poll_read(&mut buffer) {
            Poll::Pending => 0,
            Poll::Ready(Ok(0)) if entry.is_ending() => {
                // What was queued before may still reach a peer that only stopped sending.
                entry.silent = true;
                0
            }
            Poll::Ready(Ok(0) | Err(_)) => {
                // Both are the end of the stream; a close frame would have come first.
                entry.dead = true;
                self.end(slot, Disconnect::because(Cause::PeerLost));
                0
            }
            Poll::Ready(Ok(read)) if !entry.bears(read) => {
                entry.dead = true;
                entry.connection.outbox.clear();
                0
            }
            Poll::Ready(Ok(read)) => {
                entry.connection.heard(self.now);
                let fed = self.feed(slot, &mut buffer[..read]);
                self.entries[slot as usize].leftover = buffer[fed..read].into();
                read
            }
        };
        self.buffer = buffer;
        read
    }

    /// Steps what was kept when the handler was busy; gives how much was taken.
    fn feed_leftover(&mut self, slot: u32) -> usize {
        let mut leftover = std::mem::take(&mut self.entries[slot as usize].leftover);
        let fed = self.feed(slot, &mut leftover);
        if fed < leftover.len() {
            leftover.advance(fed);
            self.entries[slot as usize].leftover = leftover;
        }
        fed
    }

    /// Steps `input` until the handler has to wait; gives how much was taken.
    fn feed(&mut self, slot: u32, input: &mut [u8]) -> usize {
        let mut at = 0;
        while at < input.len() {
            let entry = &mut self.entries[slot as usize];
            if !entry.listens() {
                break;
            }
            let inbound = &mut self.workspace.inbound;
            let (consumed, arrival) = entry
                .connection
                .receive(&mut input[at..], inbound, self.now);
            at += consumed;
            match arrival {
                Arrival::Nothing => {}
                Arrival::End(disconnect) => {
                    entry.silent = disconnect.cause() == Cause::PeerClosed;
                    self.end(slot, disconnect);
                }
                // After the end began, messages are read only to reach the peer's close frame.
                Arrival::Message(_) if entry.end_by.is_some() => {}
                Arrival::Message(payload) => match entry.lifecycle.message(payload, &entry.waker) {
                    Ok(()) => self.advance(slot),
                    Err(disconnect) => self.end(slot, disconnect),
                },
            }
            self.settle_message(slot);
        }
        at
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
        let id = entry.link.id();
        // The handler goes with it, whose own drop may do anything.
        if catch_unwind(AssertUnwindSafe(|| drop(entry))).is_err() {
            tracing::error!(connection = %id, "a handler panicked while it was dropped");
        }
    }
}
