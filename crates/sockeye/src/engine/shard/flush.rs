//! Flush: what waits for a connection leaves in as few writes as its peer allows.

use std::io::{self, IoSlice};
use std::task::Poll;

use crate::engine::shard::Shard;
use crate::engine::shard::gaps::Gaps;
use crate::engine::shard::line::{Line, Marks};

/// Scattered chunks up to this size are copied together for one plain write; above it a vectored write is cheaper,
/// where there is one.
const CORK_BYTES: usize = 16 * 1024;

/// Slices of one vectored write; kernels take at least 1,024, and beyond some dozens nothing is gained.
const SLICES_MAX: usize = 64;

impl Shard {
    /// Puts a connection on the list of those to flush in this turn.
    pub(crate) fn touch(&mut self, slot: u32) {
        let line = &mut self.lines[slot as usize];
        line.note_queue();
        if !line.marks.has(Marks::DIRTY) {
            line.marks.set(Marks::DIRTY, true);
            self.dirty.push(slot);
        }
    }

    pub(crate) fn flush_dirty(&mut self) {
        let mut dirty = std::mem::take(&mut self.dirty);
        for slot in dirty.drain(..) {
            let line = self.lines.get(slot as usize);
            if line.is_some_and(|line| line.marks.has(Marks::DIRTY)) {
                self.flush(slot);
            }
        }
        // Endings that began meanwhile have put themselves on the ready list.
        dirty.append(&mut self.dirty);
        self.dirty = dirty;
    }

    pub(crate) fn flush(&mut self, slot: u32) {
        let line = &mut self.lines[slot as usize];
        line.marks.set(Marks::DIRTY, false);
        let before = line.entry.connection.outbox.len();
        let waits = (before > 0 || line.entry.unflushed) && !line.marks.has(Marks::STUCK);
        if !line.entry.dead && waits && line.empty_outbox(&mut self.cork).is_err() {
            self.lose(slot);
        }
        let line = &mut self.lines[slot as usize];
        let entry = &mut line.entry;
        let after = entry.connection.outbox.len();
        if before > 0 {
            entry.connection.flushed(after < before, self.now);
            entry.link.set_backlog(after);
        }
        if after < before && entry.gaps().is_some_and(Gaps::let_tell) {
            entry.link.wake_by_shard();
        }
        if entry.paused && after == 0 {
            // The peer has read what it caused: listen to it again.
            entry.paused = false;
            entry.link.wake_by_shard();
        }
        if after > 0 {
            line.due = line.due.min(line.entry.due());
        }
        line.hang_up_if_over(self.stopping);
        self.remove_if_over(slot);
    }
}

impl Line {
    /// Writes until everything has left or the peer takes no more.
    fn empty_outbox(&mut self, cork: &mut Vec<u8>) -> io::Result<()> {
        while !self.entry.connection.outbox.is_empty() {
            match self.write_some(cork) {
                Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(written)) => self.entry.connection.outbox.advance(written),
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Pending => {
                    self.note_stuck();
                    break;
                }
            }
        }
        self.push_through()
    }

    fn write_some(&mut self, cork: &mut Vec<u8>) -> Poll<io::Result<usize>> {
        let outbox = &self.entry.connection.outbox;
        let link = &self.entry.link;
        if outbox.chunks() <= 1 {
            return self.transport.poll_write(link, outbox.first());
        }
        // Slices of small chunks would carry less than the cork does.
        let small = outbox.len() / outbox.chunks() <= CORK_BYTES / SLICES_MAX;
        if outbox.len() <= CORK_BYTES || small || !self.transport.is_write_vectored() {
            cork.clear();
            outbox.gather(cork, CORK_BYTES);
            return self.transport.poll_write(link, cork);
        }
        let mut slices = [IoSlice::new(&[]); SLICES_MAX];
        let used = outbox.slices(&mut slices);
        self.transport.poll_write_vectored(link, &slices[..used])
    }

    /// Ends our half of the stream once all is said (RFC 6455 7.1.1). A peer that was cut short, because it broke a
    /// rule or a limit, is listened to until it has read why and hangs up in turn, within the close timeout: hanging
    /// up on input that nobody read would reset the connection, and our close frame could be lost with it.
    fn hang_up_if_over(&mut self, stopping: bool) {
        let entry = &mut self.entry;
        if !entry.is_ending() {
            return;
        }
        let said = entry.connection.outbox.is_empty() && !entry.unflushed;
        let heard = entry.silent || entry.connection.is_closed();
        entry.dead |= stopping || (said && entry.silent);
        if !entry.hung_up && (entry.dead || (said && heard)) {
            entry.hung_up = true;
            // A peer that does not read may keep this pending; there is nothing left to tell it.
            let _ = self.transport.poll_shutdown(&entry.link);
        }
    }
}
