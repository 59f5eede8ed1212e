//! Entry: one connection as its shard holds it, but for what is in its line.

use std::sync::Arc;
use std::task::Waker;

use bytes::BytesMut;
use tokio::sync::OwnedSemaphorePermit;

use crate::connection::{Connection, Moment};
use crate::engine::counters::Pass;
use crate::engine::lifecycle::{Hook, Lifecycle};
use crate::engine::link::Link;
use crate::engine::shard::gaps::Gaps;
use crate::engine::stint::HandlerName;

pub(crate) struct Entry {
    pub(crate) link: Arc<Link>,
    pub(crate) waker: Waker,
    pub(crate) connection: Connection,
    pub(crate) lifecycle: Box<dyn Lifecycle>,
    /// Input that waits until the handler is ready again; reading has stopped meanwhile.
    pub(crate) leftover: Option<Box<BytesMut>>,
    /// What the handler has to hear of what its peer lost.
    pub(crate) gaps: Gaps,
    /// Which hook runs, and since when.
    pub(crate) busy: Option<(Hook, Moment)>,
    /// When a drain closes it.
    pub(crate) drain_at: Option<Moment>,
    /// Set once the end has begun: until when the peer may take part in it.
    pub(crate) end_by: Option<Moment>,
    /// Bytes stepped since the end began.
    farewell: u32,
    /// Up to which publication of its shard it has been looked at apart.
    pub(crate) seen: u64,
    /// What the watchdog calls the handler.
    pub(crate) handler: HandlerName,
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
    pass: Pass,
    /// Held until it is gone.
    #[expect(dead_code, reason = "dropping it is its use")]
    place: Option<Arc<OwnedSemaphorePermit>>,
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
        pass: Pass,
        place: Option<Arc<OwnedSemaphorePermit>>,
    ) -> Self {
        Self {
            waker: Waker::from(Arc::clone(&link)),
            connection,
            link,
            lifecycle,
            leftover: None,
            gaps: Gaps::default(),
            busy: None,
            drain_at: None,
            end_by: None,
            farewell: 0,
            seen: 0,
            handler: HandlerName::default(),
            ready: false,
            silent: false,
            hung_up: false,
            dead: false,
            finished: false,
            paused: false,
            unflushed: false,
            pass,
            place,
        }
    }

    pub(crate) fn is_ending(&self) -> bool {
        self.end_by.is_some()
    }

    /// Whether input may be read and stepped now. During the end it is, up to the last that the peer sends.
    pub(crate) fn listens(&self) -> bool {
        let able = self.ready && !self.is_backlogged();
        !self.dead && !self.silent && (able || self.is_ending())
    }

    /// Keeps a copy of input that cannot be stepped yet: the buffer it lies in belongs to somebody else.
    pub(crate) fn keep(&mut self, input: &[u8]) {
        self.leftover = (!input.is_empty()).then(|| Box::new(input.into()));
    }

    /// Counts bytes that are stepped only to reach the peer's close frame; false when they are more than a peer can have
    /// had on its way: a flood that no close frame will stop. What is read and thrown away unseen costs too little to
    /// count.
    pub(crate) fn bears(&mut self, read: usize) -> bool {
        if self.is_ending() && !self.connection.is_closed() {
            let read = u32::try_from(read).unwrap_or(u32::MAX);
            self.farewell = self.farewell.saturating_add(read);
        }
        self.farewell as usize <= self.connection.options().message_bytes + IN_FLIGHT_BYTES_MAX
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
        let others = [self.hook_due(), self.drain_at, self.end_by];
        let own = match self.is_ending() {
            true => self.end_by,
            false => Some(self.connection.due()),
        };
        let all = others.into_iter().chain([own]).flatten();
        all.reduce(Moment::min).unwrap_or_default()
    }
}
