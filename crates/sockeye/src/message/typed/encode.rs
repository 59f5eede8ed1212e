//! Encoding a typed message: its action, then its payload.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::message::typed::WriteMessage;
use crate::message::typed::key::{action_key, payload_key};
use crate::message::{EncodeError, Form, Format, MessageKind};

/// Appends `message` to `out` in this form.
///
/// # Errors
/// [`EncodeError`] when a value in it has no wire form.
pub fn encode<M: WriteMessage>(
    message: &M,
    form: Form<'_>,
    out: &mut Vec<u8>,
) -> Result<MessageKind, EncodeError> {
    let whole = Whole { message, form };
    match form.format {
        Format::Json => {
            serde_json::to_writer(out, &whole)?;
            Ok(MessageKind::Text)
        }
        #[cfg(feature = "msgpack")]
        Format::MessagePack => {
            let writer = rmp_serde::Serializer::new(out).with_human_readable();
            let mut writer = writer.with_struct_map();
            whole.serialize(&mut writer).map_err(EncodeError::other)?;
            Ok(MessageKind::Binary)
        }
    }
}

struct Whole<'a, M> {
    message: &'a M,
    form: Form<'a>,
}

impl<M: WriteMessage> Serialize for Whole<'_, M> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let has_payload = self.message.has_payload();
        let mut map = serializer.serialize_map(Some(1 + usize::from(has_payload)))?;
        map.serialize_entry(action_key::<M>(self.form), self.message.action())?;
        if has_payload {
            map.serialize_entry(payload_key::<M>(self.form), &PayloadOf(self.message))?;
        }
        map.end()
    }
}

struct PayloadOf<'a, M>(&'a M);

impl<M: WriteMessage> Serialize for PayloadOf<'_, M> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write_payload(serializer)
    }
}
