//! Replies: what the connections of a turn have said to their own clients, written one after the other.

use std::time::{Duration, Instant};

use sockeye_protocol::{Opcode, frame};

use crate::engine::shard::Shard;
use crate::engine::shard::line::Marks;
use crate::message::Payload;

/// Connections whose replies leave together. Reading and handling stay in the processor's instruction cache then, and so
/// does the kernel's sending; more of them gain nothing, and the first would wait longer.
const REPLIES_MAX: usize = 32;

/// Bytes of one connection that are put off; a write of more costs so much that it need not wait for others.
const PUT_OFF_BYTES_MAX: usize = 2048;

/// How long a reply is put off at most, but for what the handler that runs then takes: several times what quick handlers
/// need for all of them. Slow ones answer one by one.
const PUT_OFF_MAX: Duration = Duration::from_micros(100);

/// Replies that were put off, in order.
#[derive(Default)]
pub(crate) struct Replies {
    /// Since when the first one waits.
    since: Option<Instant>,
    frames: Vec<u8>,
    /// Whose they are, and where they end.
    parts: Vec<(u32, usize)>,
}

impl Shard {
    /// Sends what a connection said in its turn: with those of the next connections, or at once when it is much or
    /// something goes behind it.
    pub(crate) fn reply(&mut self, slot: u32, frames: &[u8]) {
        if frames.is_empty() {
            return;
        }
        let entry = &self.lines[slot as usize].entry;
        if frames.len() > PUT_OFF_BYTES_MAX || entry.is_ending() || self.is_prompt(slot) {
            return self.send_own(slot, frames);
        }
        let replies = &mut self.replies;
        replies.frames.extend_from_slice(frames);
        replies.parts.push((slot, replies.frames.len()));
        let now = Instant::now();
        let since = *replies.since.get_or_insert(now);
        if replies.parts.len() >= REPLIES_MAX || now.duration_since(since) > PUT_OFF_MAX {
            self.send_replies();
        }
    }

    /// Whether nothing of it is put off, for its own sake or that of its log.
    pub(crate) fn is_prompt(&self, slot: u32) -> bool {
        let marks = self.lines[slot as usize].marks;
        marks.has(Marks::PROMPT | Marks::LOGGED)
    }

    /// Sends whole frames of a prompt connection one by one, and tells its handler of them if it wants to hear.
    pub(crate) fn send_each(&mut self, slot: u32, frames: &[u8]) {
        let line = &self.lines[slot as usize];
        let marks = line.marks;
        if marks.has(Marks::LOGGED) {
            each(frames, |payload, _| line.entry.lifecycle.sent(payload));
        }
        match marks.has(Marks::PROMPT) {
            true => each(frames, |_, frame| self.send_run(slot, frame)),
            false => self.send_run(slot, frames),
        }
    }

    /// Sends all that was put off. Called before anything else is queued for any connection.
    pub(crate) fn send_replies(&mut self) {
        if self.replies.parts.is_empty() {
            return;
        }
        let mut replies = std::mem::take(&mut self.replies);
        let mut start = 0;
        for (slot, end) in replies.parts.drain(..) {
            self.send_own(slot, &replies.frames[start..end]);
            start = end;
        }
        replies.frames.clear();
        replies.since = None;
        self.replies = replies;
    }
}

/// Goes through whole frames: the payload of each, and all of it.
fn each(mut frames: &[u8], mut see: impl FnMut(Payload<'_>, &[u8])) {
    while let Some((opcode, payload)) = frame::parts(frames) {
        let (first, rest) = frames.split_at(payload.end);
        let bytes = &first[payload];
        let text = (opcode == Opcode::Text).then(|| str::from_utf8(bytes).ok());
        let payload = text.flatten().map_or(Payload::Binary(bytes), Payload::Text);
        see(payload, first);
        frames = rest;
    }
}
