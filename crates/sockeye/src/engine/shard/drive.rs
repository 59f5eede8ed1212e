//! One connection's turn: its handler is polled, its input read and stepped, until one of them has to wait.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll};

use bytes::Buf;

use crate::connection::{Arrival, Cause, Chunk, Disconnect};
use crate::engine;
use crate::engine::lifecycle::Progress;
use crate::engine::link::NOWHERE;
use crate::engine::shard::Shard;
use crate::engine::shard::line::Marks;
use crate::engine::shard::sockets::Readiness;
use crate::engine::turn;

/// Bytes one connection may bring in per turn: the others are waiting.
const TURN_BYTES_MAX: usize = 256 * 1024;

/// Polls of one handler per look at it; more than this many in a row and the others come first.
const POLLS_MAX: usize = 64;

/// Bytes that the buffer for what a connection sends in its turn keeps between two turns.
const KEPT_BYTES_MAX: usize = 64 * 1024;

impl Shard {
    /// Acts on what a watched socket has become ready for.
    pub(crate) fn notice(&mut self, readiness: Readiness) {
        let slot = readiness.slot;
        // It may have gone since the kernel noted this; then it is nobody's, or harmless for whom came after it.
        let Some(line) = self.lines.get_mut(slot as usize) else {
            return;
        };
        if readiness.writable || readiness.over {
            line.marks.set(Marks::STUCK, false);
            if line.marks.has(Marks::QUEUED) {
                self.touch(slot);
            }
        }
        if readiness.readable || readiness.over {
            let line = &mut self.lines[slot as usize];
            line.marks.set(Marks::READABLE, true);
            if readiness.over {
                line.marks.set(Marks::OVER, true);
            }
            if line.entry.listens() {
                self.drive(slot, false);
            }
        }
    }

    /// Gives a connection its turn; `woken` when its handler, or what it waits for, has asked for that.
    pub(crate) fn drive(&mut self, slot: u32, woken: bool) {
        let link = &self.lines[slot as usize].entry.link;
        turn::begin(
            engine::address(&self.shards),
            link.address(),
            std::mem::take(&mut self.own),
        );
        if woken {
            self.advance(slot);
            self.settle_message(slot);
        }
        self.tell_gaps(slot);
        self.tell_events(slot);
        self.listen(slot);
        let mut own = turn::end();
        self.reply(slot, &own);
        own.clear();
        own.shrink_to(KEPT_BYTES_MAX);
        self.own = own;
        self.collect(slot);
        let line = &mut self.lines[slot as usize];
        if line.entry.has_new_deadline() {
            line.due = line.due.min(line.entry.due());
        }
        if line.entry.needs_flush() {
            self.touch(slot);
        }
    }

    /// Polls the handler until it is ready for a message, has to wait, or is through.
    pub(crate) fn advance(&mut self, slot: u32) {
        for _ in 0..POLLS_MAX {
            let entry = &mut *self.lines[slot as usize].entry;
            if entry.finished {
                return;
            }
            let waker = entry.link.waker();
            let mut cx = Context::from_waker(&waker);
            let call = || entry.lifecycle.poll(&mut cx);
            let progress = self.stint.call(entry.handler, entry.link.number(), call);
            if self.note(slot, progress) {
                return;
            }
        }
        self.lines[slot as usize].entry.link.wake_by_shard();
    }

    /// Goes on from what a message came to.
    fn go_on(&mut self, slot: u32, progress: Progress) {
        // It was ready before: then there is nothing to note.
        let is_ready = matches!(progress, Progress::Ready);
        if !is_ready && !self.note(slot, progress) {
            self.advance(slot);
        }
    }

    /// Notes how far a handler has come; whether that is as far as it goes now.
    fn note(&mut self, slot: u32, progress: Progress) -> bool {
        let entry = &mut *self.lines[slot as usize].entry;
        entry.ready = matches!(progress, Progress::Ready);
        match progress {
            Progress::Busy(hook) => {
                let since = entry.busy.filter(|(before, _)| *before == hook);
                entry.busy = since.or(Some((hook, self.now)));
                return true;
            }
            _ => entry.busy = None,
        }
        match progress {
            Progress::Ready | Progress::Full | Progress::Busy(_) => return true,
            Progress::End(disconnect) => self.end(slot, *disconnect),
            Progress::Finished => entry.finished = true,
        }
        false
    }

    /// Steps and reads as long as the handler takes it.
    fn listen(&mut self, slot: u32) {
        let mut taken = 0;
        loop {
            let entry = &mut self.lines[slot as usize].entry;
            if !entry.listens() {
                entry.paused = entry.is_backlogged();
                return;
            }
            if taken >= TURN_BYTES_MAX {
                return entry.link.wake_by_shard();
            }
            let stepped = match entry.has_leftover() {
                true => self.feed_leftover(slot),
                false => self.read(slot),
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
        let line = &mut self.lines[slot as usize];
        let read = line.poll_read(&mut buffer);
        let entry = &mut line.entry;
        let read = match read {
            Poll::Pending => 0,
            Poll::Ready(Ok(0)) if entry.is_ending() => {
                // What was queued before may still reach a peer that only stopped sending.
                entry.silent = true;
                0
            }
            Poll::Ready(Ok(0) | Err(_)) => {
                // Both are the end of the stream; a close frame would have come first.
                self.lose(slot);
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
                if fed < read {
                    self.lines[slot as usize].entry.keep(&buffer[fed..read]);
                }
                read
            }
        };
        self.buffer = buffer;
        read
    }

    /// Steps what was kept when the handler was busy; gives how much was taken.
    fn feed_leftover(&mut self, slot: u32) -> usize {
        let mut leftover = self.lines[slot as usize].entry.take_leftover();
        let fed = self.feed(slot, &mut leftover);
        if fed < leftover.len() {
            leftover.advance(fed);
            self.lines[slot as usize].entry.keep_on(leftover);
        }
        fed
    }

    /// Steps `input` until the handler has to wait; gives how much was taken.
    fn feed(&mut self, slot: u32, input: &mut [u8]) -> usize {
        let mut at = 0;
        while at < input.len() {
            let entry = &mut *self.lines[slot as usize].entry;
            if !entry.listens() {
                break;
            }
            let ending = entry.is_ending();
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
                Arrival::Message(_) if ending => {}
                Arrival::Message(payload) => {
                    let waker = entry.link.waker();
                    let mut cx = Context::from_waker(&waker);
                    let spare = &mut self.spare;
                    let call = || entry.lifecycle.message(payload, &mut cx, spare);
                    let progress = self.stint.call(entry.handler, entry.link.number(), call);
                    self.go_on(slot, progress);
                }
            }
            self.settle_message(slot);
        }
        at
    }

    /// What one message caused goes out before what the next one causes: first its replies, then its broadcasts. When
    /// it closed the connection, there is no next one.
    pub(crate) fn settle_message(&mut self, slot: u32) {
        let closed = !self.lines[slot as usize].entry.link.is_open();
        if closed || self.is_prompt(slot) || self.inbox.has_commands() {
            self.send_replies();
            self.collect(slot);
            self.run_commands();
        }
    }

    /// Takes what was sent to the connection so far, by its handler in this turn and by others, and the wish to close.
    pub(crate) fn collect(&mut self, slot: u32) {
        self.collect_frames(slot);
        let link = &self.lines[slot as usize].entry.link;
        if link.has_pending()
            && let Some(disconnect) = link.take_close()
        {
            self.send_replies();
            self.end(slot, disconnect);
            self.advance(slot);
        }
    }

    pub(crate) fn collect_frames(&mut self, slot: u32) {
        let link = &self.lines[slot as usize].entry.link;
        turn::with(link.address(), |frames| {
            self.send_own(slot, frames);
            frames.clear();
        });
        let link = &self.lines[slot as usize].entry.link;
        if link.has_pending() {
            let frames = link.take_frames();
            self.send_replies();
            self.send_own(slot, &frames);
        }
    }

    /// Sends whole frames of one connection: at once when nothing stands before them, otherwise they wait their turn.
    pub(crate) fn send_own(&mut self, slot: u32, frames: &[u8]) {
        match self.is_prompt(slot) {
            true => self.send_each(slot, frames),
            false => self.send_run(slot, frames),
        }
    }

    /// Sends whole frames in one write.
    pub(crate) fn send_run(&mut self, slot: u32, frames: &[u8]) {
        if frames.is_empty() || self.lines[slot as usize].entry.dead {
            return;
        }
        self.catch_up(slot);
        let line = &mut self.lines[slot as usize];
        let connection = &mut line.entry.connection;
        let mut sealed = std::mem::take(&mut self.sealed);
        let bytes = connection.seal(frames, &mut sealed, &mut self.workspace.outbound);
        let queued = !connection.outbox.is_empty() || line.marks.has(Marks::QUEUED);
        let written = match queued {
            true => Ok(0),
            false => line.write(bytes),
        };
        match written {
            Ok(written) if written < bytes.len() => {
                let outbox = &mut line.entry.connection.outbox;
                outbox.push(Chunk::Own(bytes.to_vec()));
                // It knows then that the peer is inside of it.
                outbox.advance(written);
                self.touch(slot);
            }
            Ok(_) if line.entry.link.expects_backlog(0) => line.entry.link.set_backlog(0),
            Ok(_) => {}
            Err(_) => self.lose(slot),
        }
        sealed.shrink_to(KEPT_BYTES_MAX);
        self.sealed = sealed;
    }

    /// Ends a connection whose transport has failed.
    pub(crate) fn lose(&mut self, slot: u32) {
        let line = &mut self.lines[slot as usize];
        line.entry.dead = true;
        line.entry.connection.outbox.clear();
        self.end(slot, Disconnect::because(Cause::PeerLost));
        self.touch(slot);
    }

    /// Removes a connection of which nothing is left to do.
    pub(crate) fn remove_if_over(&mut self, slot: u32) {
        if !self.lines[slot as usize].entry.is_over() {
            return;
        }
        let line = self.lines.remove(slot as usize);
        self.members.leave_all(slot);
        line.entry.link.set_slot(NOWHERE);
        let id = line.entry.link.id();
        // The handler goes with it, whose own drop may do anything.
        let handler = line.entry.handler;
        let call = || catch_unwind(AssertUnwindSafe(|| drop(line)));
        if self.stint.call(handler, id.local(), call).is_err() {
            tracing::error!(connection = %id, "a handler panicked while it was dropped");
        }
        self.counters.leave();
    }
}
