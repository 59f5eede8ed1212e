//! Disconnect: why a connection ended, told once to its handler.

use std::fmt;

use sockeye_protocol::{CloseCode, CloseFrame, ProtocolError};

use crate::error::Error;
use crate::message::DecodeError;

/// The end of a connection: its cause, and the code and reason of the close frame that sealed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disconnect {
    cause: Cause,
    code: Option<CloseCode>,
    reason: String,
}

/// What brought a connection to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// The peer sent a close frame.
    PeerClosed,
    /// The peer vanished: TCP reset, or the stream ended without a close frame.
    PeerLost,
    /// The peer answered no ping in time.
    PingTimeout,
    /// The peer sent no message for the idle timeout.
    IdleTimeout,
    /// The peer read too slowly: its outbox overflowed or took no byte for the write timeout.
    SlowConsumer,
    /// A message of the peer took longer than the message timeout to arrive.
    MessageTimeout,
    /// The peer broke the protocol or a size limit.
    ProtocolError,
    /// The peer sent faster than its rate limit.
    RateLimited,
    /// The peer sent a message of a kind or shape that its handler does not take.
    BadMessage,
    /// The handler closed the connection, or a function handler returned.
    ServerClosed,
    /// A hook returned an error.
    HandlerFailed,
    /// A hook panicked.
    HandlerPanicked,
    /// A hook ran longer than the hook timeout, or a function took none of the messages that filled its mailbox for as
    /// long.
    HookTimeout,
    /// The client's credentials have expired and were not renewed.
    Expired,
    /// Its user was disconnected by [`Hub::user`](crate::Hub::user), or may no longer be here.
    Revoked,
    /// The server is draining.
    Drained,
    /// The server stopped at once.
    Stopped,
}

impl Disconnect {
    /// Why it ended.
    #[must_use]
    pub fn cause(&self) -> Cause {
        self.cause
    }

    /// The code of the peer's close frame, or of ours when we closed first. `None` when the peer's frame carried none,
    /// or the peer vanished without one.
    #[must_use]
    pub fn code(&self) -> Option<CloseCode> {
        self.code
    }

    /// The reason that came or went with the code; empty when there was none.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    pub(crate) fn peer_closed(close: Option<CloseFrame<'_>>) -> Self {
        let reason = close.map_or("", |close| close.reason);
        Self::new(Cause::PeerClosed, close.map(|close| close.code), reason)
    }

    pub(crate) fn server_closed(code: CloseCode, reason: &str) -> Self {
        Self::new(Cause::ServerClosed, Some(code), reason)
    }

    pub(crate) fn protocol(error: &ProtocolError) -> Self {
        Self::new(
            Cause::ProtocolError,
            Some(error.close_code()),
            &error.to_string(),
        )
    }

    pub(crate) fn bad_message(error: &DecodeError) -> Self {
        Self::new(
            Cause::BadMessage,
            Some(CloseCode::UNSUPPORTED),
            &error.to_string(),
        )
    }

    pub(crate) fn revoked(code: CloseCode, reason: &str) -> Self {
        Self::new(Cause::Revoked, Some(code), reason)
    }

    pub(crate) fn drained(code: CloseCode) -> Self {
        Self::new(Cause::Drained, Some(code), "")
    }

    /// The end that a failed hook brings: a refusal is for the peer to read, anything else is not.
    pub(crate) fn failed(error: &Error) -> Self {
        let Some(status) = error.status() else {
            return Self::because(Cause::HandlerFailed);
        };
        let code = CloseCode::try_from(4000 + status).unwrap_or(CloseCode::POLICY);
        Self::new(Cause::HandlerFailed, Some(code), &error.to_string())
    }

    /// The end for a cause that always closes with the same code.
    pub(crate) fn because(cause: Cause) -> Self {
        let (code, reason) = match cause {
            Cause::PeerClosed | Cause::ServerClosed => (CloseCode::NORMAL, ""),
            Cause::Expired => (CloseCode::new(4401), "token expired"),
            Cause::Revoked => (CloseCode::POLICY, ""),
            Cause::PeerLost => return Self::new(cause, None, ""),
            Cause::PingTimeout => (CloseCode::GOING_AWAY, "no answer to a ping"),
            Cause::IdleTimeout => (CloseCode::GOING_AWAY, "idle for too long"),
            Cause::SlowConsumer => (CloseCode::TRY_AGAIN, "reading too slowly"),
            Cause::MessageTimeout => (CloseCode::POLICY, "a message took too long to arrive"),
            Cause::ProtocolError => (CloseCode::PROTOCOL, ""),
            Cause::RateLimited => (CloseCode::POLICY, "sending too fast"),
            Cause::BadMessage => (CloseCode::UNSUPPORTED, ""),
            Cause::HandlerFailed | Cause::HandlerPanicked | Cause::HookTimeout => {
                (CloseCode::INTERNAL, "internal error")
            }
            Cause::Drained => (CloseCode::RESTART, ""),
            Cause::Stopped => (CloseCode::GOING_AWAY, ""),
        };
        Self::new(cause, Some(code), reason)
    }

    fn new(cause: Cause, code: Option<CloseCode>, reason: &str) -> Self {
        let reason = reason.to_owned();
        Self {
            cause,
            code,
            reason,
        }
    }

    /// The close frame that answers or announces this end.
    pub(crate) fn frame(&self) -> Option<CloseFrame<'_>> {
        let reason = &self.reason;
        self.code.map(|code| CloseFrame { code, reason })
    }

    /// Whether a close frame can still reach the peer.
    pub(crate) fn reaches_peer(&self) -> bool {
        self.cause != Cause::PeerLost
    }
}

impl fmt::Display for Disconnect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "{:?} ({code})", self.cause),
            None => write!(f, "{:?}", self.cause),
        }
    }
}
