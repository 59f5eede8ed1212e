//! The end of a connection, step by step: cause, groups, handler, close frames, removal.

use crate::connection::{Cause, Disconnect};
use crate::engine::shard::Shard;

impl Shard {
    /// Begins the end. The first cause counts; later ones change nothing.
    ///
    /// From here on no message reaches the handler, nothing can be sent, and the connection belongs to no group. What
    /// it was sent before still leaves, then our close frame; the peer has the close timeout to answer it.
    pub(crate) fn end(&mut self, slot: u32, disconnect: Disconnect) {
        if self.entries[slot as usize].is_ending() {
            return;
        }
        self.members.leave_all(slot);
        let entry = &mut self.entries[slot as usize];
        entry.end_by = Some(self.now + entry.connection.options().close_timeout);
        entry.link.shut();
        let taken = entry.link.take(false);
        // A close that was asked for and not looked at yet came first.
        let disconnect = taken.close.unwrap_or(disconnect);
        tracing::debug!(connection = %entry.link.id(), end = %disconnect, "connection ends");
        if !taken.frames.is_empty() {
            entry
                .connection
                .send_own(taken.frames, &mut self.workspace.outbound);
        }
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
    }
}
