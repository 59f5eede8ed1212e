//! What an endpoint makes of received bytes.

use crate::close::CloseFrame;

/// What one call of [`Endpoint::receive`](crate::Endpoint::receive) did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received<'a> {
    /// How many bytes of the input are done with: all of them when `event` is `None`.
    pub consumed: usize,
    /// The message or control frame that they completed, if any.
    pub event: Option<Event<'a>>,
}

/// A whole message or control frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A text message.
    Text(&'a str),
    /// A binary message.
    Binary(&'a [u8]),
    /// A ping: answer with [`Endpoint::pong`](crate::Endpoint::pong) and these bytes; of several pings read at once
    /// only the last needs an answer (RFC 6455 5.5.3).
    Ping(&'a [u8]),
    /// A pong.
    Pong(&'a [u8]),
    /// The peer's close frame, the last event: answer with [`Endpoint::close`](crate::Endpoint::close).
    Close(Option<CloseFrame<'a>>),
}
