//! Entry: one connection as its shard holds it.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use bytes::BytesMut;
use tokio::sync::OwnedSemaphorePermit;

use crate::connection::Connection;
use crate::engine::attach::Attachment;
use crate::engine::counters::Pass;
use crate::engine::lifecycle::{Hook, Lifecycle};
use crate::engine::link::Link;
use crate::engine::transport::Transport;

pub(crate) struct Entry {
    pub(crate) link: Arc<Link>,
    pub(crate) waker: Waker,
    pub(crate) transport: Transport,
    pub(crate) connection: Connection,
    pub(crate) lifecycle: Box<dyn Lifecycle>,
    /// Input that waits until the handler is ready again; reading has stopped meanwhile.
    pub(crate) leftover: BytesMut,
    /// Whether the handler can take a message.
    pub(crate) ready: bool,
    /// Which hook runs, and since when.
    pub(crate) busy: Option<(Hook, Instant)>,
    /// When a drain closes it.
    pub(crate) drain_at: Option<Instant>,
    /// Set once the end has begun: until when the peer may take part in it.
    pub(crate) end_by: Option<Instant>,
    /// The peer has sent its last: a close frame, or the end of the stream.
    pub(crate) silent: bool,
    /// Bytes stepped since the end began.
    farewell: usize,
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
    /// Already on the list of those to flush in this turn.
    pub(crate) dirty: bool,
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
    pub(crate) fn new(attachment: Attachment, now: Instant) -> Self {
        let Attachment {
            transport,
            received,
            link,
            lifecycle,
            options,
            deflate,
            pass,
            place,
        } = attachment;
        Self {
            waker: Waker::from(Arc::clone(&link)),
            connection: Connection::new(options, deflate, now),
            // A copy: even when it is empty it would keep the HTTP server's whole read buffer.
            leftover: received.as_ref().into(),
            link,
            transport,
            lifecycle,
            ready: false,
            busy: None,
            drain_at: None,
            end_by: None,
            silent: false,
            farewell: 0,
            hung_up: false,
            dead: false,
            finished: false,
            paused: false,
            unflushed: false,
            dirty: false,
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

    /// Counts bytes that are stepped only to reach the peer's close frame; false when they are more than a peer can have
    /// had on its way: a flood that no close frame will stop. What is read and thrown away unseen costs too little to
    /// count.
    pub(crate) fn bears(&mut self, read: usize) -> bool {
        if self.is_ending() && !self.connection.is_closed() {
            self.farewell += read;
        }
        self.farewell <= self.connection.options().message_bytes + IN_FLIGHT_BYTES_MAX
    }

    /// Whether too much waits for the peer to hear what else it wants.
    pub(crate) fn is_backlogged(&self) -> bool {
        self.connection.outbox.len() > LISTEN_BACKLOG_MAX
    }

    /// Whether nothing of it is left to do.
    pub(crate) fn is_over(&self) -> bool {
        self.finished && self.dead
    }

    pub(crate) fn poll_read(&mut self, buffer: &mut [u8]) -> Poll<std::io::Result<usize>> {
        let mut cx = Context::from_waker(&self.waker);
        self.transport.poll_read(&mut cx, buffer)
    }
}
