//! Outgoing: how a value becomes the bytes of a message.

use bytes::Bytes;
use serde::Serialize;

use crate::message::writer::Writer;
use crate::message::{Form, MessageKind, RawMessage};

/// A type that can be sent to a peer: text (`str`, `String`), bytes (`[u8]`, `Vec<u8>`, `Bytes`), [`RawMessage`],
/// `serde_json::Value`, and everything serde can write as [`Json`](crate::Json). A type of your own says how it is
/// written:
///
/// ```
/// use sockeye::{EncodeError, MessageKind, Outgoing};
///
/// /// Numbers with commas between them.
/// struct Numbers(Vec<u32>);
///
/// impl Outgoing for Numbers {
///     fn encode(&self, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
///         let numbers: Vec<_> = self.0.iter().map(u32::to_string).collect();
///         numbers.join(",").encode(out)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent",
    label = "not a message type",
    note = "send text (`&str`, `String`), bytes (`Bytes`, `Vec<u8>`), a `RawMessage`, or `Json(value)` where the value \
            implements `serde::Serialize`"
)]
pub trait Outgoing {
    /// Whether it is a [typed message](crate::Message): an object with an action, to which keys can be added.
    const TYPED: bool = false;

    /// Appends the payload to `out`, whatever is in it already, and says which frame carries it.
    ///
    /// # Errors
    /// [`EncodeError`] when the value has no wire form; what was appended is then cut off by the caller.
    fn encode(&self, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError>;

    /// The same in the form that the connection has; for types that have several forms.
    ///
    /// # Errors
    /// As [`encode`](Self::encode).
    fn write(&self, form: Form<'_>, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
        let _ = form;
        self.encode(out)
    }

    /// Whether a broadcast of it tells each member who sent it, by two more keys: `is_mine` for its own user,
    /// `is_current` for its own connection. For JSON objects; see [`Marked`](crate::Marked).
    fn is_marked(&self) -> bool {
        false
    }
}

/// A value without a wire form, such as a JSON map with keys that are not text.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the message in its wire form")]
pub struct EncodeError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl EncodeError {
    /// An error of a wire form of the application's own.
    #[must_use]
    pub fn other(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

impl From<serde_json::Error> for EncodeError {
    fn from(error: serde_json::Error) -> Self {
        Self::other(error)
    }
}

impl<T: Outgoing + ?Sized> Outgoing for &T {
    const TYPED: bool = T::TYPED;

    fn encode(&self, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
        (**self).encode(out)
    }

    fn write(&self, form: Form<'_>, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
        (**self).write(form, out)
    }

    fn is_marked(&self) -> bool {
        (**self).is_marked()
    }
}

impl Outgoing for str {
    fn encode(&self, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
        out.extend_from_slice(self.as_bytes());
        Ok(MessageKind::Text)
    }
}

impl Outgoing for String {
    fn encode(&self, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
        self.as_str().encode(out)
    }
}

impl Outgoing for [u8] {
    fn encode(&self, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
        out.extend_from_slice(self);
        Ok(MessageKind::Binary)
    }
}

impl Outgoing for Vec<u8> {
    fn encode(&self, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
        self.as_slice().encode(out)
    }
}

impl Outgoing for Bytes {
    fn encode(&self, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
        self.as_ref().encode(out)
    }
}

impl Outgoing for RawMessage {
    fn encode(&self, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
        match self {
            Self::Text(text) => text.encode(out),
            Self::Binary(bytes) => bytes.encode(out),
        }
    }
}

impl Outgoing for serde_json::Value {
    fn encode(&self, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
        self.serialize(Writer(out))?;
        Ok(MessageKind::Text)
    }
}
