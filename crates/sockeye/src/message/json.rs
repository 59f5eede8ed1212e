//! Json: any serde value as a message.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::message::reader::read_json;
use crate::message::writer::Writer;
use crate::message::{DecodeError, EncodeError, Incoming, MessageKind, Outgoing, Payload};

/// How the types are called by which `serde_json` tells itself of its own, such as raw JSON.
pub(crate) const ITS_OWN: &str = "$serde_json::private::";

/// A value that travels as JSON: taken from text or binary frames, sent in text frames. It may be read twice, and one of
/// the two dropped.
///
/// ```
/// use sockeye::{Incoming, Json, Payload};
///
/// let Json(numbers) = Json::<Vec<u32>>::decode(Payload::Text("[1, 2]"))?;
/// assert_eq!(numbers, [1, 2]);
/// # Ok::<(), sockeye::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + Send + 'static> Incoming for Json<T> {
    fn decode(payload: Payload<'_>) -> Result<Self, DecodeError> {
        let value = match payload {
            Payload::Text(text) => read_json(text),
            Payload::Binary(bytes) => serde_json::from_slice(bytes),
        };
        value.map(Self).map_err(DecodeError::Json)
    }
}

impl<T: Serialize> Outgoing for Json<T> {
    fn encode(&self, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
        self.0.serialize(Writer(out))?;
        Ok(MessageKind::Text)
    }
}
