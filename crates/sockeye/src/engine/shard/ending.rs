//! The end of a connection, step by step: cause, groups, handler, close frames, removal.

use crate::connection::{Cause, Disconnect};
use crate::engine::shard::Shard;

impl Shard {
    /// Begins the end. The first cause counts; later ones change nothing.
    ///
    /// From here on no message reaches the handler, nothing can be sent, and the connection belongs to no group. What
    /// it was sent before still leaves, then our close frame; the peer has the close timeout to answer it.
    pub(crate) fn end(&mut self, slot: u32, disconnect: Disconnect) {
        if self.lines[slot as usize].entry.is_ending() {
            return;
        }
        if disconnect.reaches_peer() {
            self.catch_up(slot);
        }
        self.members.leave_all(slot);
        self.lines[slot as usize].entry.link.shut();
        self.collect_frames(slot);
        if self.lines[slot as usize].entry.is_ending() {
            // The last frames met a transport that had failed.
            return;
        }
        let line = &mut self.lines[slot as usize];
        let entry = &mut line.entry;
        entry.end_by(self.now.after(entry.connection.options().close_timeout));
        // A close that was asked for and not looked at yet came first.
        let disconnect = entry.link.take_close().unwrap_or(disconnect);
        tracing::debug!(connection = %entry.link.id(), end = %disconnect, "connection ends");
        if disconnect.reaches_peer() {
            if disconnect.cause() == Cause::SlowConsumer {
                entry.connection.outbox.drop_unsent();
            }
            entry
                .connection
                .close(disconnect.frame(), &mut self.workspace.outbound);
        } else {
            entry.dead = true;
            entry.connection.outbox.clear();
        }
        entry.lifecycle.disconnect(disconnect);
        entry.link.wake_by_shard();
        line.due = line.due.min(line.entry.due());
        self.touch(slot);
    }
}
