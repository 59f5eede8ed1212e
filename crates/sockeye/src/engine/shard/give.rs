//! Giving: a shared frame goes into one connection's outbox, or what its group says becomes of a member without room.

use std::sync::Arc;

use crate::connection::{Cause, Disconnect, Frame};
use crate::engine::shard::Shard;
use crate::engine::shard::line::Marks;
use crate::engine::topic::Topic;
use crate::message::{Control, Form, Format};

impl Shard {
    /// Queues a frame for one connection; `dropping` is its topic where that drops for slow members.
    pub(crate) fn give(&mut self, slot: u32, frame: &Frame, dropping: Option<Arc<Topic>>) {
        let line = &mut self.lines[slot as usize];
        if line.entry.is_ending() {
            return;
        }
        #[cfg(feature = "msgpack")]
        let frame = &match line.marks.has(Marks::PACKS) {
            true => frame.packed(),
            false => frame.clone(),
        };
        if let Some(topic) = dropping {
            return self.give_droppable(slot, frame, &topic);
        }
        let outbound = &mut self.workspace.outbound;
        match line.entry.connection.send_shared(frame, outbound) {
            true => self.touch(slot),
            false => self.relieve(slot, frame),
        }
    }

    /// Follows a message of a group by one that says so, for a connection that wants that.
    pub(crate) fn tell_complete(&mut self, slot: u32) {
        let told = self.lines.get(slot as usize);
        let Some(line) = told.filter(|line| line.marks.has(Marks::TOLD)) else {
            return;
        };
        let form = Form::new(&line.entry.connection.options().wire, Format::Json);
        let complete = Frame::encode(&Control("group_complete"), form, &mut Vec::new());
        if let Ok(complete) = complete {
            self.give(slot, &complete, None);
        }
    }

    /// Queues a frame that may be dropped, or others of its topic in its place. As with others nothing is lost before
    /// the peer had its chance to take what waits.
    fn give_droppable(&mut self, slot: u32, frame: &Frame, topic: &Arc<Topic>) {
        let connection = &self.lines[slot as usize].entry.connection;
        if !connection.is_behind() && !connection.has_droppable_room(frame) {
            self.flush(slot);
        }
        let Some(line) = self.lines.get_mut(slot as usize) else {
            return;
        };
        if line.entry.is_ending() {
            return;
        }
        let outbound = &mut self.workspace.outbound;
        let connection = &mut line.entry.connection;
        let lost = connection.send_droppable(frame, topic.number(), topic.overflow(), outbound);
        if lost > 0 {
            line.entry.lose_messages(topic, lost, None);
            self.counters.drop_messages(lost);
        }
        self.touch(slot);
    }

    /// For a member without room for `frame`: it is too slow only if what it was sent in this turn does not leave now.
    fn relieve(&mut self, slot: u32, frame: &Frame) {
        self.flush(slot);
        let Some(line) = self.lines.get_mut(slot as usize) else {
            return;
        };
        if line.entry.is_ending() {
            return;
        }
        let outbound = &mut self.workspace.outbound;
        match line.entry.connection.send_shared(frame, outbound) {
            true => self.touch(slot),
            false => self.end(slot, Disconnect::because(Cause::SlowConsumer)),
        }
    }
}
