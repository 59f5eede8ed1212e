//! Relay: publishes to groups, each of which every member must hear, the sender included.

use std::collections::VecDeque;

use bench::{Failure, Outcome};

use crate::client::Client;
use crate::fleet::Script;
use crate::frame::Frame;
use crate::histogram::Histogram;
use crate::message::Template;

/// What a relay consists of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) groups: usize,
    /// Members of each group.
    pub(crate) members: usize,
    /// The first so many of them are on another node than that which is measured.
    pub(crate) elsewhere: usize,
    /// Publishes under way at once, over all groups.
    pub(crate) window: usize,
    /// Whether a window is sent in one write, when the one before was heard by all.
    pub(crate) burst: bool,
    /// Whether the messages of one publisher may come in another order than they left.
    pub(crate) unordered: bool,
    /// Nanoseconds from one publish to the next, at least.
    pub(crate) pause: u64,
}

/// A publish under way. Its number names its slot: the remainder by the window.
#[derive(Clone)]
struct Slot {
    number: u32,
    group: usize,
    sent_at: u64,
    /// Members that have not heard it yet; none when the slot is free.
    left: usize,
}

pub(crate) struct Relay {
    shape: Shape,
    template: Template,
    slots: Vec<Slot>,
    /// Free slots, the one that was freed first in front: so the numbers of one publisher rise by one.
    free: VecDeque<usize>,
    /// Messages published to each group, and heard by each client.
    published: Vec<u64>,
    heard: Vec<u64>,
    out: Vec<u8>,
    dice: u64,
    /// When the next publish may leave.
    due: u64,
    stopped: bool,
    /// To members of the node that is measured.
    pub(crate) deliveries: u64,
    pub(crate) latency: Histogram,
}

impl Relay {
    pub(crate) fn new(shape: Shape, template: Template) -> Self {
        let slot = |slot: usize| Slot {
            number: slot as u32,
            group: 0,
            sent_at: 0,
            left: 0,
        };
        Self {
            shape,
            template,
            slots: (0..shape.window).map(slot).collect(),
            free: (0..shape.window).collect(),
            published: vec![0; shape.groups],
            heard: vec![0; shape.groups * shape.members],
            out: Vec::new(),
            dice: 0x2545_f491_4f6c_dd1d,
            due: 0,
            stopped: false,
            deliveries: 0,
            latency: Histogram::new(),
        }
    }

    /// Messages that came compressed, since the beginning.
    pub(crate) fn deflated(&self) -> u64 {
        self.template.deflated()
    }

    /// Forgets what was counted so far.
    pub(crate) fn reset(&mut self) {
        self.deliveries = 0;
        self.latency.clear();
    }

    /// Publishes nothing before.
    pub(crate) fn begin_at(&mut self, now: u64) {
        self.due = now;
    }

    /// Publishes no more.
    pub(crate) fn stop(&mut self) {
        self.stopped = true;
    }

    /// Whether nothing is under way.
    pub(crate) fn is_quiet(&self) -> bool {
        self.free.len() == self.slots.len()
    }

    /// Holds what every client heard against what its group was sent.
    pub(crate) fn check(&self) -> Outcome {
        for (client, heard) in self.heard.iter().enumerate() {
            let sent = self.published[client / self.shape.members];
            if *heard != sent {
                let text = format!(
                    "client {client} heard {heard} messages, {sent} were sent to its group"
                );
                return Err(Failure::new(text));
            }
        }
        Ok(())
    }

    /// Who publishes next: one client in a single group, any client in many.
    fn publisher(&mut self) -> usize {
        if self.shape.groups == 1 {
            return 0;
        }
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        (self.dice % self.heard.len() as u64) as usize
    }

    /// Puts the next publish off. Who is late catches up, but not with more than a hundred.
    fn wait_from(&mut self, now: u64) {
        let pause = self.shape.pause;
        self.due = pause + self.due.max(now.saturating_sub(100 * pause));
    }

    fn publish(&mut self, slot: usize, publisher: usize, now: u64) {
        let group = publisher / self.shape.members;
        let slot = &mut self.slots[slot];
        slot.group = group;
        slot.sent_at = now;
        slot.left = self.shape.members;
        self.published[group] += 1;
        self.template.append(slot.number, &mut self.out);
    }

    fn stray(&self, from: usize, number: u32) -> Failure {
        let group = from / self.shape.members;
        Failure::new(format!(
            "client {from} of group {group} heard message {number}, which is not under way there"
        ))
    }
}

impl Script for Relay {
    fn hear(&mut self, from: usize, frame: &Frame<'_>, now: u64) -> Outcome {
        let number = self.template.number(frame)?;
        let slots = self.slots.len();
        let at = number as usize % slots;
        let group = from / self.shape.members;
        let is_next = u64::from(number) == self.heard[from] & 0xffff_ffff;
        let in_order = self.shape.groups > 1 || self.shape.unordered || is_next;
        let slot = &mut self.slots[at];
        if slot.number != number || slot.group != group || slot.left == 0 || !in_order {
            return Err(self.stray(from, number));
        }
        slot.left -= 1;
        self.heard[from] += 1;
        let is_elsewhere = from % self.shape.members < self.shape.elsewhere;
        self.deliveries += u64::from(!is_elsewhere);
        if slot.left == 0 {
            self.latency.record(now.saturating_sub(slot.sent_at));
            slot.number = slot.number.wrapping_add(slots as u32);
            self.free.push_back(at);
        }
        Ok(())
    }

    fn answer(&mut self, _: usize, _: &mut Client, _: u64) -> Outcome {
        Ok(())
    }

    fn speak(&mut self, clients: &mut [Client], now: u64) -> Outcome {
        if self.stopped || (self.shape.burst && !self.is_quiet()) {
            return Ok(());
        }
        while now >= self.due
            && let Some(slot) = self.free.pop_front()
        {
            self.wait_from(now);
            let publisher = self.publisher();
            self.publish(slot, publisher, now);
            if !self.shape.burst || self.free.is_empty() {
                clients[publisher].send(&self.out)?;
                self.out.clear();
            }
        }
        Ok(())
    }
}
