//! One side of one WebSocket connection: open, closing, closed.

mod pending;
mod receive;
mod send;

use crate::deflate::{Compressor, Deflate, Inflater};
use crate::endpoint::pending::{Pending, Spill};
use crate::limits::Limits;
use crate::role::Role;

/// The protocol state of one connection, 64 bytes while it idles.
///
/// Bytes from the peer go into [`Endpoint::receive`]; [`Endpoint::send`], [`Endpoint::ping`], [`Endpoint::pong`] and
/// [`Endpoint::close`] append bytes for the peer to a buffer of the caller. Besides its 64 bytes it owns memory only
/// while a message or frame is incomplete, and a codec of its own where context takeover was agreed.
#[derive(Debug)]
pub struct Endpoint {
    limits: Limits,
    pending: Option<Box<Pending>>,
    contexts: Option<Box<Contexts>>,
    deflate: Option<Deflate>,
    spill: Spill,
    role: Role,
    state: State,
}

/// How far the closing handshake has come (RFC 6455 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Both sides may send.
    Open,
    /// Our close frame was written; the peer's is awaited, and its messages before that still arrive.
    CloseSent,
    /// The peer's close frame arrived or it broke the protocol: what else it sends is ignored, and a close frame is all
    /// that may be sent.
    CloseReceived,
    /// Nothing more is sent nor read: flush what was written, then hang up.
    Closed,
}

/// The codecs of a connection that agreed to context takeover, made when first needed.
#[derive(Debug, Default)]
struct Contexts {
    compressor: Option<Compressor>,
    inflater: Option<Inflater>,
}

impl Endpoint {
    /// An endpoint at the moment after the handshake; `deflate` is what the handshake agreed on.
    #[must_use]
    pub fn new(role: Role, limits: Limits, deflate: Option<Deflate>) -> Self {
        Self {
            limits,
            pending: None,
            contexts: None,
            deflate,
            spill: Spill::default(),
            role,
            state: State::Open,
        }
    }

    /// How far the closing handshake has come.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// Whether both sides may send.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.state, State::Open)
    }

    /// Replaces the limits, for instance once the peer is known. They hold from the next frame on.
    pub const fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// What the handshake agreed on.
    #[must_use]
    pub const fn deflate(&self) -> Option<Deflate> {
        self.deflate
    }

    /// Whether this peer may get what [`frame::deflated`](crate::frame::deflated) made of a payload of `payload_bytes`:
    /// it agreed to compression, keeps no context, and its window holds the whole message.
    #[must_use]
    pub fn takes_shared_deflate(&self, payload_bytes: usize) -> bool {
        self.deflate.is_some_and(|deflate| {
            let direction = deflate.sent_by(self.role);
            let fits = direction.window_bits == 15 || payload_bytes <= 1 << direction.window_bits;
            self.role == Role::Server && !direction.takeover && fits
        })
    }

    /// Whether an incomplete message or frame is held.
    #[must_use]
    pub const fn is_mid_message(&self) -> bool {
        self.pending.is_some() || !self.spill.is_empty()
    }
}

#[cfg(test)]
mod tests;
