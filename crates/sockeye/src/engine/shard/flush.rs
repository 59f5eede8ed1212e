//! Flush: all that a turn produced for a connection leaves in one write.

use std::io::{self, IoSlice};
use std::task::{Context, Poll};

use crate::connection::{Cause, Disconnect};
use crate::engine::shard::Shard;
use crate::engine::shard::entry::Entry;

/// Scattered chunks up to this size are copied together for one plain write; above it a vectored write is cheaper,
/// where there is one.
const CORK_BYTES: usize = 16 * 1024;

/// Slices of one vectored write; kernels take at least 1,024, and beyond some dozens nothing is gained.
const SLICES_MAX: usize = 64;

impl Shard {
    pub(crate) fn flush_dirty(&mut self) {
        let mut dirty = std::mem::take(&mut self.dirty);
        for slot in dirty.drain(..) {
            if self
                .entries
                .get(slot as usize)
                .is_some_and(|entry| entry.dirty)
            {
                self.flush(slot);
            }
        }
        // Endings that began meanwhile have put themselves on the ready list.
        dirty.append(&mut self.dirty);
        self.dirty = dirty;
    }

    pub(crate) fn flush(&mut self, slot: u32) {
        let entry = &mut self.entries[slot as usize];
        entry.dirty = false;
        let before = entry.connection.outbox.len();
        let waits = before > 0 || entry.unflushed;
        if !entry.dead && waits && self.write(slot).is_err() {
            let entry = &mut self.entries[slot as usize];
            entry.dead = true;
            entry.connection.outbox.clear();
            self.end(slot, Disconnect::because(Cause::PeerLost));
        }
        let entry = &mut self.entries[slot as usize];
        let after = entry.connection.outbox.len();
        if before > 0 {
            entry.connection.flushed(after < before, self.now);
            entry.link.set_backlog(after);
        }
        if entry.paused && after == 0 {
            // The peer has read what it caused: listen to it again.
            entry.paused = false;
            entry.link.wake_by_shard();
        }
        self.hang_up_if_over(slot);
        self.remove_if_over(slot);
    }

    /// Writes until everything has left or the peer takes no more.
    fn write(&mut self, slot: u32) -> io::Result<()> {
        let Self { entries, cork, .. } = self;
        let entry = &mut *entries[slot as usize];
        let mut freed = Vec::new();
        while !entry.connection.outbox.is_empty() {
            match poll_write(entry, cork) {
                Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(written)) => entry
                    .connection
                    .outbox
                    .advance(written, |buffer| freed.push(buffer)),
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Pending => break,
            }
        }
        let mut cx = Context::from_waker(&entry.waker);
        match entry.transport.poll_flush(&mut cx) {
            Poll::Ready(Err(error)) => return Err(error),
            flushed => entry.unflushed = flushed.is_pending(),
        }
        freed.into_iter().for_each(|buffer| self.keep_spare(buffer));
        Ok(())
    }

    /// Ends our half of the stream once all is said (RFC 6455 7.1.1). A peer that was cut short, because it broke a
    /// rule or a limit, is listened to until it has read why and hangs up in turn, within the close timeout: hanging
    /// up on input that nobody read would reset the connection, and our close frame could be lost with it.
    fn hang_up_if_over(&mut self, slot: u32) {
        let entry = &mut self.entries[slot as usize];
        if !entry.is_ending() {
            return;
        }
        let said = entry.connection.outbox.is_empty() && !entry.unflushed;
        let heard = entry.silent || entry.connection.is_closed();
        entry.dead |= self.stopping || (said && entry.silent);
        if !entry.hung_up && (entry.dead || (said && heard)) {
            entry.hung_up = true;
            let mut cx = Context::from_waker(&entry.waker);
            // A peer that does not read may keep this pending; there is nothing left to tell it.
            let _ = entry.transport.poll_shutdown(&mut cx);
        }
    }
}

fn poll_write(entry: &mut Entry, cork: &mut Vec<u8>) -> Poll<io::Result<usize>> {
    let Entry {
        transport,
        connection,
        waker,
        ..
    } = entry;
    let outbox = &connection.outbox;
    let mut cx = Context::from_waker(waker);
    if outbox.chunks() <= 1 {
        return transport.poll_write(&mut cx, outbox.first());
    }
    // Slices of small chunks would carry less than the cork does.
    let small = outbox.len() / outbox.chunks() <= CORK_BYTES / SLICES_MAX;
    if outbox.len() <= CORK_BYTES || small || !transport.is_write_vectored() {
        cork.clear();
        outbox.gather(cork, CORK_BYTES);
        return transport.poll_write(&mut cx, cork);
    }
    let mut slices = [IoSlice::new(&[]); SLICES_MAX];
    let used = outbox.slices(&mut slices);
    transport.poll_write_vectored(&mut cx, &slices[..used])
}
