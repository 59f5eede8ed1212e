//! Incoming: how a message's bytes become the value a handler takes.

use bytes::Bytes;

use crate::message::{Envelope, Faults, Form, MessageKind, Payload, RawMessage};

/// A type that a handler can take as its message.
///
/// `String` takes text, `Bytes` and `Vec<u8>` take binary, [`RawMessage`] takes both, [`Json`](crate::Json) takes JSON
/// from either. A type of your own says how it reads its wire form:
///
/// ```
/// use sockeye::{DecodeError, Incoming, Payload};
///
/// /// Numbers with commas between them.
/// struct Numbers(Vec<u32>);
///
/// impl Incoming for Numbers {
///     fn decode(payload: Payload<'_>) -> Result<Self, DecodeError> {
///         let text = String::decode(payload)?;
///         let numbers = text.split(',').map(str::parse).collect::<Result<_, _>>();
///         numbers.map(Self).map_err(DecodeError::other)
///     }
/// }
/// # assert!(Numbers::decode(Payload::Text("1,2")).is_ok());
/// # assert!(Numbers::decode(Payload::Text("one")).is_err());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a handler's incoming message",
    label = "not a message type",
    note = "use `String` for text, `Bytes` for binary, `RawMessage` for any frame, or `Json<{Self}>` where `{Self}` \
            implements `serde::Deserialize`"
)]
pub trait Incoming: Sized + Send + 'static {
    /// Whether it is a [typed message](crate::Message): one with an action, whose faults are answered by an error frame.
    const TYPED: bool = false;

    /// Builds the value from a message that arrived whole.
    ///
    /// # Errors
    /// [`DecodeError`] when the frame is of the wrong kind or its payload is not this type; the connection is then
    /// closed with 1003.
    fn decode(payload: Payload<'_>) -> Result<Self, DecodeError>;

    /// The same in the form that the connection has, with what came around the message; for types that have several
    /// forms.
    ///
    /// # Errors
    /// As [`decode`](Self::decode).
    fn read(
        payload: Payload<'_>,
        form: Form<'_>,
        envelope: &mut Envelope,
    ) -> Result<Self, DecodeError> {
        let _ = (form, envelope);
        Self::decode(payload)
    }
}

/// Why a message is not what its handler takes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// A text frame where binary was expected, or the other way round.
    #[error("expected a {} frame, found a {} frame", name(*.expected), name(*.found))]
    WrongKind {
        /// What the handler takes.
        expected: MessageKind,
        /// What the peer sent.
        found: MessageKind,
    },
    /// JSON that does not parse, or parses to another shape.
    #[error("not the expected JSON")]
    Json(#[source] serde_json::Error),
    /// No [typed message](crate::Message) that the handler takes, with what is wrong and where.
    #[error("not a message that is taken here: {0}")]
    Invalid(Faults),
    /// A wire form of the application's own.
    #[error("not the expected form")]
    Other(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl DecodeError {
    /// An error of the application's own wire form. Its text is for the log; the peer gets the close code alone.
    #[must_use]
    pub fn other(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Other(source.into())
    }
}

fn name(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Text => "text",
        MessageKind::Binary => "binary",
    }
}

impl Incoming for String {
    fn decode(payload: Payload<'_>) -> Result<Self, DecodeError> {
        match payload {
            Payload::Text(text) => Ok(text.to_owned()),
            Payload::Binary(_) => Err(DecodeError::WrongKind {
                expected: MessageKind::Text,
                found: MessageKind::Binary,
            }),
        }
    }
}

impl Incoming for Vec<u8> {
    fn decode(payload: Payload<'_>) -> Result<Self, DecodeError> {
        binary(payload).map(<[u8]>::to_vec)
    }
}

impl Incoming for Bytes {
    fn decode(payload: Payload<'_>) -> Result<Self, DecodeError> {
        binary(payload).map(Self::copy_from_slice)
    }
}

impl Incoming for RawMessage {
    fn decode(payload: Payload<'_>) -> Result<Self, DecodeError> {
        Ok(payload.to_message())
    }
}

/// For handlers that want to answer what they cannot read: nothing is refused before they see it.
impl<T: Incoming> Incoming for Result<T, DecodeError> {
    fn decode(payload: Payload<'_>) -> Result<Self, DecodeError> {
        Ok(T::decode(payload))
    }

    fn read(
        payload: Payload<'_>,
        form: Form<'_>,
        envelope: &mut Envelope,
    ) -> Result<Self, DecodeError> {
        Ok(T::read(payload, form, envelope))
    }
}

fn binary(payload: Payload<'_>) -> Result<&[u8], DecodeError> {
    match payload {
        Payload::Binary(bytes) => Ok(bytes),
        Payload::Text(_) => Err(DecodeError::WrongKind {
            expected: MessageKind::Binary,
            found: MessageKind::Text,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_taken_as_string_and_refused_as_bytes() {
        assert_eq!(String::decode(Payload::Text("")).unwrap(), "");
        let error = Bytes::decode(Payload::Text("hi")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "expected a binary frame, found a text frame"
        );
    }

    #[test]
    fn any_frame_keeps_its_kind() {
        let taken = RawMessage::decode(Payload::Binary(b"\xff")).unwrap();
        assert_eq!(taken, RawMessage::Binary(Bytes::from_static(b"\xff")));
    }
}
