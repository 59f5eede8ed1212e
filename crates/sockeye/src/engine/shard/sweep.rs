//! Sweep: the timers of all connections of a shard, in one walk over its lines at a fixed interval.

use crate::connection::{Cause, Disconnect};
use crate::engine::lifecycle::Hook;
use crate::engine::shard::Shard;

impl Shard {
    /// Looks at each connection whose moment has come. Of the others only their lines are read.
    pub(crate) fn sweep(&mut self) {
        let mut due = std::mem::take(&mut self.due);
        let slots = self
            .lines
            .iter()
            .filter(|(_, line)| self.now.reached(line.due));
        due.extend(slots.filter_map(|(slot, _)| u32::try_from(slot).ok()));
        for slot in due.drain(..) {
            self.sweep_hook(slot);
            let line = &mut self.lines[slot as usize];
            let entry = &mut line.entry;
            if entry.is_overdue(self.now) {
                entry.dead = true;
                entry.connection.outbox.clear();
            } else if !entry.is_ending() {
                self.sweep_open(slot);
            }
            let line = &mut self.lines[slot as usize];
            line.due = line.entry.due();
            self.touch(slot);
        }
        self.due = due;
    }

    fn sweep_open(&mut self, slot: u32) {
        let entry = &mut self.lines[slot as usize].entry;
        if entry.is_drained(self.now)
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
        let entry = &mut self.lines[slot as usize].entry;
        let Some((hook, _)) = entry.busy else {
            return;
        };
        if entry.hook_due().is_none_or(|at| !self.now.reached(at)) {
            return;
        }
        tracing::warn!(connection = %entry.link.id(), ?hook, "a hook ran out of time");
        entry.busy = None;
        let call = || entry.lifecycle.cancel(hook);
        self.stint.call(entry.handler, entry.link.number(), call);
        if matches!(hook, Hook::Message | Hook::Pickup) {
            self.end(slot, Disconnect::because(Cause::HookTimeout));
        }
        self.lines[slot as usize].entry.link.wake_by_shard();
    }
}
