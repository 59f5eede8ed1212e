//! Messages: what travels inside frames, from bytes to values and back.

mod form;
mod incoming;
mod json;
mod marked;
mod outgoing;
mod plain;
mod reader;
pub(crate) mod typed;
mod writer;

pub use form::{Envelope, Form, Format};
pub use incoming::{DecodeError, Incoming};
pub use json::Json;
pub use marked::Marked;
pub use outgoing::{EncodeError, Outgoing};
#[cfg(feature = "msgpack")]
pub(crate) use typed::pack;
#[cfg(feature = "schema")]
pub use typed::{ActionSchema, MessageSchema};
pub(crate) use typed::{Control, action_of};
pub use typed::{Fault, FaultKind, Faults, Message, Place, ReadMessage, WriteMessage};

pub use sockeye_protocol::MessageKind;

use bytes::Bytes;

/// One whole message of either kind, owned: what a handler takes that wants both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RawMessage {
    /// UTF-8 text.
    Text(String),
    /// Bytes without further meaning.
    Binary(Bytes),
}

/// The bytes of a message that just arrived, still in the buffer they were read into: what [`Incoming`] decodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload<'a> {
    /// UTF-8 text, already validated.
    Text(&'a str),
    /// Bytes without further meaning.
    Binary(&'a [u8]),
}

impl Payload<'_> {
    /// The kind of frame it came in.
    #[must_use]
    pub fn kind(&self) -> MessageKind {
        match self {
            Self::Text(_) => MessageKind::Text,
            Self::Binary(_) => MessageKind::Binary,
        }
    }

    /// The bytes, whatever the kind.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }

    /// Copies the message out of the buffer.
    #[must_use]
    pub fn to_message(&self) -> RawMessage {
        match self {
            Self::Text(text) => RawMessage::Text((*text).to_owned()),
            Self::Binary(bytes) => RawMessage::Binary(Bytes::copy_from_slice(bytes)),
        }
    }
}
