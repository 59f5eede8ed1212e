//! Sweep: the timers of all connections of a shard, in one walk at a fixed interval.

use crate::connection::{Cause, Disconnect};
use crate::engine::lifecycle::Hook;
use crate::engine::shard::Shard;
use crate::engine::shard::entry::Entry;

impl Shard {
    pub(crate) fn sweep(&mut self) {
        for slot in self.slots() {
            self.sweep_hook(slot);
            let entry = &mut self.entries[slot as usize];
            if entry.end_by.is_some_and(|end_by| self.now >= end_by) {
                entry.dead = true;
                entry.connection.outbox.clear();
            } else if !entry.is_ending() {
                self.sweep_open(slot);
            }
            let entry = &mut self.entries[slot as usize];
            if !entry.dirty {
                entry.dirty = true;
                self.dirty.push(slot);
            }
        }
    }

    fn sweep_open(&mut self, slot: u32) {
        let entry = &mut self.entries[slot as usize];
        if entry.drain_at.is_some_and(|at| self.now >= at)
            && let Some((code, _)) = self.draining
        {
            return self.end(slot, Disconnect::drained(code));
        }
        let listening = entry.listens();
        if let Some(disconnect) = entry.connection.tick(self.now, listening) {
            self.end(slot, disconnect);
        }
    }

    /// Acts on a hook that ran out of time; whether that drops it or ends the connection depends on which one it was.
    fn sweep_hook(&mut self, slot: u32) {
        let entry = &mut self.entries[slot as usize];
        let Some((hook, since)) = entry.busy else {
            return;
        };
        if self.now - since < hook_limit(entry, hook) {
            return;
        }
        tracing::warn!(connection = %entry.link.id(), ?hook, "a hook ran out of time");
        entry.busy = None;
        entry.lifecycle.cancel(hook);
        if matches!(hook, Hook::Message | Hook::Pickup) {
            self.end(slot, Disconnect::because(Cause::HookTimeout));
        }
        self.entries[slot as usize].link.wake_by_shard();
    }
}

fn hook_limit(entry: &Entry, hook: Hook) -> std::time::Duration {
    let options = entry.connection.options();
    match hook {
        Hook::Message | Hook::Pickup => options.hook_timeout,
        Hook::Disconnect | Hook::Finish => options.disconnect_timeout,
    }
}
