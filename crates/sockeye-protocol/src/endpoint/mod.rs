//! One side of one WebSocket connection: open, closing, closed.

mod held;
mod receive;
mod send;

use crate::deflate::Deflate;
use crate::endpoint::held::Held;
use crate::role::Role;

/// The protocol state of one connection, 16 bytes while it idles.
///
/// Bytes from the peer go into [`Endpoint::receive`]; [`Endpoint::send`], [`Endpoint::ping`], [`Endpoint::pong`] and
/// [`Endpoint::close`] append bytes for the peer to a buffer of the caller. Besides its 16 bytes it owns memory only
/// while a message or frame is incomplete, and codecs of its own where context takeover was agreed. What it may hold of
/// a message is for the [`Limits`](crate::Limits) to say that `receive` is called with.
#[derive(Debug)]
pub struct Endpoint {
    held: Option<Box<Held>>,
    deflate: Option<Deflate>,
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

impl Endpoint {
    /// An endpoint at the moment after the handshake; `deflate` is what the handshake agreed on.
    #[must_use]
    pub const fn new(role: Role, deflate: Option<Deflate>) -> Self {
        Self {
            held: None,
            deflate,
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
            let window_bits = direction.window_bits();
            let fits = window_bits == 15 || payload_bytes <= 1 << window_bits;
            self.role == Role::Server && !direction.takeover() && fits
        })
    }

    /// Whether an incomplete message or frame is held.
    #[must_use]
    pub fn is_mid_message(&self) -> bool {
        self.held.as_deref().is_some_and(Held::is_incomplete)
    }
}

#[cfg(test)]
mod tests;
