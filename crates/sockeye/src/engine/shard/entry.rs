//! Entry: one connection as its shard holds it, but for what is in its line.

use std::sync::Arc;

use bytes::BytesMut;

use crate::connection::{Connection, Moment};
use crate::engine::lifecycle::{Hook, Lifecycle};
use crate::engine::link::Link;
use crate::engine::place::Place;
use crate::engine::shard::events::Events;
use crate::engine::shard::fanout::Spot;
use crate::engine::shard::gaps::Gaps;
use crate::engine::stint::HandlerName;
use crate::engine::topic::Topic;

pub(crate) struct Entry {
    pub(crate) link: Arc<Link>,
    pub(crate) connection: Connection,
    pub(crate) lifecycle: Box<dyn Lifecycle>,
    /// What an idle connection has none of.
    rare: Option<Box<Rare>>,
    /// Which hook runs, and since when.
    pub(crate) busy: Option<(Hook, Moment)>,
    /// How many publications of this turn it has been looked at apart for.
    pub(crate) seen: u32,
    /// What the watchdog calls the handler.
    pub(crate) handler: HandlerName,
    /// The end has begun.
    ending: bool,
    /// Whether the handler can take a message.
    pub(crate) ready: bool,
    /// The peer has sent its last: a close frame, or the end of the stream.
    pub(crate) silent: bool,
    /// We have ended our half of the stream.
    pub(crate) hung_up: bool,
    /// Nothing can be read or written any more.
    pub(crate) dead: bool,
    /// The handler is through.
    pub(crate) finished: bool,
    /// Not listened to because too much waits for it.
    pub(crate) paused: bool,
    /// The transport holds bytes that it could not pass on yet.
    pub(crate) unflushed: bool,
    /// Held until it is gone.
    #[expect(dead_code, reason = "dropping it is its use")]
    place: Option<Place>,
}

#[derive(Default)]
struct Rare {
    /// Input that waits until the handler is ready again; reading has stopped meanwhile.
    leftover: BytesMut,
    /// What the handler has to hear of what its peer lost.
    gaps: Gaps,
    /// What it has to hear of its groups.
    events: Events,
    /// When a drain closes it.
    drain_at: Option<Moment>,
    /// Until when the peer may take part in the end.
    end_by: Option<Moment>,
    /// Bytes stepped since the end began.
    farewell: usize,
}

/// Bytes that may wait for a peer before we stop listening to it: what it does not read, it should not cause.
const LISTEN_BACKLOG_MAX: usize = 64 * 1024;

/// What the kernels on the way to us commonly hold of a peer that does not know of the end yet, beside one message.
const IN_FLIGHT_BYTES_MAX: usize = 1024 * 1024;

impl Entry {
    pub(crate) fn new(
        link: Arc<Link>,
        connection: Connection,
        lifecycle: Box<dyn Lifecycle>,
        place: Option<Place>,
    ) -> Self {
        Self {
            connection,
            link,
            lifecycle,
            rare: None,
            busy: None,
            seen: 0,
            handler: HandlerName::default(),
            ending: false,
            ready: false,
            silent: false,
            hung_up: false,
            dead: false,
            finished: false,
            paused: false,
            unflushed: false,
            place,
        }
    }

    pub(crate) fn is_ending(&self) -> bool {
        self.ending
    }

    /// Notes that the end has begun, and until when the peer may take part in it.
    pub(crate) fn end_by(&mut self, end_by: Moment) {
        self.ending = true;
        self.rare.get_or_insert_default().end_by = Some(end_by);
    }

    /// Whether the peer has had its time to take part in the end.
    pub(crate) fn is_overdue(&self, now: Moment) -> bool {
        let end_by = self.rare.as_ref().and_then(|rare| rare.end_by);
        end_by.is_some_and(|end_by| now.reached(end_by))
    }

    /// Notes when a drain closes it; an earlier moment stays.
    pub(crate) fn drain_at(&mut self, moment: Moment) {
        let drain_at = &mut self.rare.get_or_insert_default().drain_at;
        *drain_at = Some(drain_at.map_or(moment, |before| before.min(moment)));
    }

    /// Whether a drain closes it now.
    pub(crate) fn is_drained(&self, now: Moment) -> bool {
        let drain_at = self.rare.as_ref().and_then(|rare| rare.drain_at);
        drain_at.is_some_and(|at| now.reached(at))
    }

    /// Whether input may be read and stepped now. During the end it is, up to the last that the peer sends.
    pub(crate) fn listens(&self) -> bool {
        let able = self.ready && !self.is_backlogged();
        !self.dead && !self.silent && (able || self.is_ending())
    }

    /// What its peer has lost, if it has lost anything.
    pub(crate) fn gaps(&mut self) -> Option<&mut Gaps> {
        self.rare.as_mut().map(|rare| &mut rare.gaps)
    }

    /// Notes what its peer has lost of a topic, and where, if that is a spot between what was published.
    pub(crate) fn lose_messages(&mut self, topic: &Arc<Topic>, messages: u64, spot: Option<Spot>) {
        let rare = self.rare.get_or_insert_default();
        rare.gaps.add(topic, messages, spot);
    }

    /// The events that wait for its handler.
    pub(crate) fn events(&mut self) -> &mut Events {
        &mut self.rare.get_or_insert_default().events
    }

    /// How many those are.
    pub(crate) fn waiting_events(&self) -> usize {
        self.rare.as_ref().map_or(0, |rare| rare.events.len())
    }

    /// Keeps a copy of input that cannot be stepped yet: the buffer it lies in belongs to somebody else.
    pub(crate) fn keep(&mut self, input: &[u8]) {
        if !input.is_empty() {
            self.keep_on(input.into());
        }
    }

    /// Keeps what is left of such a copy.
    pub(crate) fn keep_on(&mut self, leftover: BytesMut) {
        self.rare.get_or_insert_default().leftover = leftover;
    }

    /// Whether input was kept.
    pub(crate) fn has_leftover(&self) -> bool {
        self.rare
            .as_ref()
            .is_some_and(|rare| !rare.leftover.is_empty())
    }

    /// Takes the input that was kept.
    pub(crate) fn take_leftover(&mut self) -> BytesMut {
        let Some(rare) = &mut self.rare else {
            return BytesMut::new();
        };
        let leftover = std::mem::take(&mut rare.leftover);
        let is_empty = rare.gaps.is_empty() && rare.events.is_empty();
        if !self.ending && rare.drain_at.is_none() && is_empty {
            self.rare = None;
        }
        leftover
    }

    /// Counts bytes that are stepped only to reach the peer's close frame; false when they are more than a peer can have
    /// had on its way: a flood that no close frame will stop. What is read and thrown away unseen costs too little to
    /// count.
    pub(crate) fn bears(&mut self, read: usize) -> bool {
        if !self.ending {
            return true;
        }
        let rare = self.rare.get_or_insert_default();
        if !self.connection.is_closed() {
            rare.farewell += read;
        }
        rare.farewell <= self.connection.options().message_bytes + IN_FLIGHT_BYTES_MAX
    }

    /// Whether too much waits for the peer to hear what else it wants.
    pub(crate) fn is_backlogged(&self) -> bool {
        self.connection.outbox.len() > LISTEN_BACKLOG_MAX
    }

    /// Whether the next flush has something to do.
    pub(crate) fn needs_flush(&self) -> bool {
        self.is_ending() || self.paused || self.unflushed || !self.connection.outbox.is_empty()
    }

    /// Whether nothing of it is left to do.
    pub(crate) fn is_over(&self) -> bool {
        self.finished && self.dead
    }

    /// When a timeout of the hook that runs is over.
    pub(crate) fn hook_due(&self) -> Option<Moment> {
        let (hook, since) = self.busy?;
        let options = self.connection.options();
        Some(since.after(match hook {
            Hook::Message | Hook::Pickup => options.hook_timeout,
            Hook::Disconnect | Hook::Finish => options.disconnect_timeout,
        }))
    }

    /// Whether a timeout began that may run out before what its line has noted.
    pub(crate) fn has_new_deadline(&self) -> bool {
        self.busy.is_some() || self.is_ending() || self.connection.is_arriving()
    }

    /// When time will next ask for something.
    pub(crate) fn due(&self) -> Moment {
        let rare = self.rare.as_ref();
        let own = match self.ending {
            true => rare.and_then(|rare| rare.end_by),
            false => Some(self.connection.due()),
        };
        let drain_at = rare.and_then(|rare| rare.drain_at).filter(|_| !self.ending);
        let all = [self.hook_due(), drain_at, own].into_iter().flatten();
        all.reduce(Moment::min).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With the allocator's own word each is a multiple of 16 bytes, or nearly so: a word more costs two.
    #[cfg(target_pointer_width = "64")]
    #[test]
    fn an_idle_connection_is_an_entry_a_link_and_a_line() {
        assert_eq!((size_of::<Entry>(), size_of::<Link>()), (136, 48));
    }
}
