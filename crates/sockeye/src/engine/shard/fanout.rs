//! Fan-out: what was published in a turn leaves in one write per member, from bytes that all of them share.
//!
//! Publications are kept in their order until the turn ends. Then each topic's become one run of bytes, written as it
//! is to every member that keeps up: no header, copy, count or lock for any of them. A member with something of its own
//! in this turn, or with something waiting, gets the frames one by one, in the same order, in its outbox.

use std::ops::Range;
use std::sync::Arc;

use sockeye_protocol::Outbound;

use crate::config::Overflow;
use crate::connection::{Chunk, Connection, Frame};
use crate::engine::audience::Audience;
use crate::engine::link::{Link, NOWHERE};
use crate::engine::shard::Shard;
use crate::engine::shard::line::Marks;
use crate::engine::topic::Topic;

/// Publications kept before they are fanned out early: a bound on the work of looking at one member apart.
const PUBLICATIONS_MAX: usize = 1024;

/// Their bytes, for the same reason: a run beyond what sockets take at once gains nothing.
const PUBLICATION_BYTES_MAX: usize = 1024 * 1024;

/// Bytes that the buffers for runs keep between two turns.
const KEPT_BYTES_MAX: usize = 256 * 1024;

/// The publications of a turn, in order.
#[derive(Default)]
pub(crate) struct Fanout {
    publications: Vec<Published>,
    bytes: usize,
    /// How often they have left.
    departures: u64,
    /// How many of them may be queued; all of them, unless a gap is told at its spot.
    shown: Option<u32>,
    burst: bool,
    /// Topics with publications, by their place in the shard's members.
    topics: Vec<u32>,
    /// Connections to be looked at apart in this turn, or looked at already.
    apart: Vec<u32>,
    plain: Vec<u8>,
    deflated: Vec<u8>,
    /// Scratch: members that did not take their run whole, with how much they took; `None` after an error.
    short: Vec<(u32, Option<usize>)>,
    /// Scratch: members that get frames one by one.
    later: Vec<u32>,
}

struct Published {
    topic: Arc<Topic>,
    local: u32,
    frame: Frame,
    except: Option<u32>,
    own: Option<Arc<[Arc<Link>]>>,
    /// The next one of the same topic.
    next: Option<u32>,
}

/// A spot between the publications of a turn: so many of them are before it, or all that have left meanwhile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot {
    departures: u64,
    index: u32,
}

/// The publications of one topic, as a chain through all of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chain {
    first: u32,
    last: u32,
}

impl Fanout {
    pub(crate) fn is_empty(&self) -> bool {
        self.publications.is_empty()
    }

    /// Whether the last fan-out brought several publications of one topic.
    pub(crate) fn follows_burst(&self) -> bool {
        self.burst
    }

    /// The places of topics with publications.
    pub(crate) fn topics(&self) -> &[u32] {
        &self.topics
    }

    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.publications.len()).unwrap_or(u32::MAX)
    }

    /// Where the next publication will be.
    pub(crate) fn spot(&self) -> Spot {
        Spot {
            departures: self.departures,
            index: self.len(),
        }
    }

    /// Has connections that are looked at apart catch up to a spot alone, or with all again.
    pub(crate) fn show_to(&mut self, spot: Option<Spot>) {
        self.shown = spot.map(|spot| match spot.departures == self.departures {
            true => spot.index,
            false => 0,
        });
    }

    fn clear(&mut self) {
        self.departures += 1;
        self.publications.clear();
        self.bytes = 0;
        for run in [&mut self.plain, &mut self.deflated] {
            run.clear();
            run.shrink_to(KEPT_BYTES_MAX);
        }
    }
}

impl Shard {
    /// Takes a publication in; it leaves with the others of this turn.
    pub(crate) fn publish(&mut self, topic: Arc<Topic>, frame: Frame, audience: Audience) {
        let here = |link: &&Arc<Link>| link.shard() == self.index && link.slot() != NOWHERE;
        let except = audience
            .except
            .as_ref()
            .filter(here)
            .map(|link| link.slot());
        if audience.handlers {
            return self.leave_event(&topic, &frame, except);
        }
        let Some(local) = self.members.local(&topic) else {
            return;
        };
        if let Some(slot) = except {
            self.set_apart(slot);
        }
        for link in audience.own.iter().flat_map(|own| own.iter()) {
            if link.shard() == self.index {
                self.set_apart(link.slot());
            }
        }
        let fanout = &mut self.fanout;
        let index = fanout.len();
        match self.members.chain(local) {
            Some(Some(chain)) => {
                let last = std::mem::replace(&mut chain.last, index);
                fanout.publications[last as usize].next = Some(index);
            }
            Some(chain @ None) => {
                *chain = Some(Chain {
                    first: index,
                    last: index,
                });
                fanout.topics.push(local);
            }
            None => return,
        }
        fanout.bytes += frame.len();
        fanout.publications.push(Published {
            topic,
            local,
            frame,
            except,
            own: audience.own,
            next: None,
        });
        if fanout.publications.len() >= PUBLICATIONS_MAX || fanout.bytes >= PUBLICATION_BYTES_MAX {
            self.fan_out_all();
        }
    }

    /// Has a connection looked at apart in this turn.
    pub(crate) fn set_apart(&mut self, slot: u32) {
        if let Some(line) = self.lines.get_mut(slot as usize) {
            line.marks.set(Marks::APART, true);
            self.fanout.apart.push(slot);
        }
    }

    /// Notes that the first so many publications are queued for a connection, or not for it; gives which are so anew.
    fn see(&mut self, slot: u32, all: u32) -> Range<u32> {
        let entry = &mut self.lines[slot as usize].entry;
        let new = entry.seen..all;
        if !new.is_empty() {
            entry.seen = all;
            self.set_apart(slot);
        }
        new
    }

    /// Hands the publications of this turn to their members.
    pub(crate) fn fan_out_all(&mut self) {
        if self.fanout.is_empty() {
            return;
        }
        let mut topics = std::mem::take(&mut self.fanout.topics);
        let mut apart = Marks::QUEUED | Marks::APART | Marks::EACH | Marks::TOLD | Marks::PACKS;
        let dirty = topics.len();
        if dirty > 1 {
            apart = apart | Marks::MANY;
        }
        for local in topics.drain(..) {
            let chain = self.members.chain(local).and_then(Option::take);
            if let Some(chain) = chain {
                self.fan_out(local, chain, apart);
            }
        }
        self.fanout.burst = self.fanout.publications.len() > dirty;
        self.fanout.topics = topics;
        self.fanout.clear();
        for slot in self.fanout.apart.drain(..) {
            if let Some(line) = self.lines.get_mut(slot as usize) {
                line.marks.set(Marks::APART, false);
                line.entry.seen = 0;
            }
        }
    }

    /// Writes one topic's run to its members but those that have a mark of `apart`. Cost per member: its place in the
    /// list, its line, one write.
    fn fan_out(&mut self, local: u32, chain: Chain, apart: Marks) {
        let Self {
            lines,
            members,
            fanout,
            workspace,
            ..
        } = self;
        let publications = &fanout.publications[..];
        let plain = run(publications, chain, false, &mut fanout.plain);
        let (mut compressed, mut buffer) = (None, Some(&mut fanout.deflated));
        for slot in members.of(local) {
            let line = &mut lines[slot as usize];
            if line.marks.has(apart) {
                fanout.later.push(slot);
                continue;
            }
            if line.marks.has(Marks::DEFLATES)
                && let Some(buffer) = buffer.take()
            {
                let outbound = &mut workspace.outbound;
                compress(
                    frames(publications, chain),
                    &line.entry.connection,
                    outbound,
                );
                compressed = Some(run(publications, chain, true, buffer));
            }
            let bytes = match compressed {
                Some(compressed) if line.marks.has(Marks::DEFLATES) => compressed,
                _ => plain,
            };
            match line.write(bytes) {
                Ok(written) if written == bytes.len() => {}
                Ok(written) => fanout.short.push((slot, Some(written))),
                Err(_) => fanout.short.push((slot, None)),
            }
        }
        self.settle(chain);
    }

    /// Sees to the members that did not take a run whole, and to those that are looked at apart.
    fn settle(&mut self, chain: Chain) {
        let mut short = std::mem::take(&mut self.fanout.short);
        for (slot, written) in short.drain(..) {
            match written {
                Some(written) => self.queue_rest(slot, chain, written),
                None => self.lose(slot),
            }
        }
        self.fanout.short = short;
        let mut later = std::mem::take(&mut self.fanout.later);
        for slot in later.drain(..) {
            self.catch_up(slot);
        }
        self.fanout.later = later;
    }

    /// Queues what is left of a run of which `written` bytes have left.
    fn queue_rest(&mut self, slot: u32, chain: Chain, mut written: usize) {
        let deflated = self.lines[slot as usize].marks.has(Marks::DEFLATES);
        self.see(slot, self.fanout.len());
        let mut next = Some(chain.first);
        while let Some(index) = next {
            let published = &self.fanout.publications[index as usize];
            let (frame, dropping) = (published.frame.clone(), published.dropping());
            next = published.next;
            let len = frame.wire(deflated).len();
            if written >= len {
                written -= len;
            } else if written > 0 {
                let outbox = &mut self.lines[slot as usize].entry.connection.outbox;
                outbox.push(Chunk::Shared(frame, deflated));
                outbox.advance(written);
                written = 0;
                self.touch(slot);
            } else {
                self.give(slot, &frame, dropping);
            }
        }
    }

    /// Queues, in order, what was published in this turn for one connection and has not been queued yet. Whatever is
    /// queued for it next goes behind.
    pub(crate) fn catch_up(&mut self, slot: u32) {
        if self.fanout.is_empty() {
            return;
        }
        let shown = self.fanout.shown.unwrap_or(self.fanout.len());
        for index in self.see(slot, shown) {
            let published = &self.fanout.publications[index as usize];
            let is_for = published.except != Some(slot)
                && self
                    .members
                    .is_member(slot, published.local, &published.topic);
            if is_for {
                let link = &self.lines[slot as usize].entry.link;
                let (frame, dropping) = (published.frame_for(link), published.dropping());
                self.give(slot, &frame, dropping);
                self.tell_complete(slot);
            }
        }
    }
}

impl Published {
    /// The form of its frame for one connection.
    fn frame_for(&self, link: &Arc<Link>) -> Frame {
        let mut own = self.own.iter().flat_map(|own| own.iter());
        match own.any(|own| Arc::ptr_eq(own, link)) {
            true => self.frame.own(link.id()),
            false => self.frame.clone(),
        }
    }

    /// Its topic, where that drops for slow members.
    fn dropping(&self) -> Option<Arc<Topic>> {
        let drops = self.topic.overflow() != Overflow::Disconnect;
        drops.then(|| Arc::clone(&self.topic))
    }
}

fn frames(publications: &[Published], chain: Chain) -> impl Iterator<Item = &Frame> {
    let published = |index: u32| &publications[index as usize];
    std::iter::successors(Some(published(chain.first)), move |one| {
        one.next.map(published)
    })
    .map(|one| &one.frame)
}

/// Makes the compressed form of each frame, by the options of the first connection that takes it.
fn compress<'a>(
    frames: impl Iterator<Item = &'a Frame>,
    connection: &Connection,
    outbound: &mut Outbound,
) {
    for frame in frames {
        connection.deflates(frame, outbound);
    }
}

/// The bytes of all frames of a chain: where they are, when there is only one.
fn run<'a>(
    publications: &'a [Published],
    chain: Chain,
    deflated: bool,
    buffer: &'a mut Vec<u8>,
) -> &'a [u8] {
    if chain.first == chain.last {
        return publications[chain.first as usize].frame.wire(deflated);
    }
    buffer.clear();
    frames(publications, chain).for_each(|frame| buffer.extend_from_slice(frame.wire(deflated)));
    buffer
}
