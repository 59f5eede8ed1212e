//! Encoding a typed message: its action, then its payload.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::config::Case;
use crate::message::typed::WriteMessage;
use crate::message::typed::case::to_camel;
use crate::message::typed::key::{action_key, payload_key};
#[cfg(feature = "msgpack")]
use crate::message::typed::pack::pack_into;
use crate::message::writer::{Writer, write_text};
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
    if form.wire.case == Case::AsWritten || M::OWN_CASE {
        return whole.write(out);
    }
    let json = serde_json::to_string(&whole)?;
    let json = to_camel(&json);
    match form.format {
        Format::Json => {
            out.extend_from_slice(json.as_bytes());
            Ok(MessageKind::Text)
        }
        #[cfg(feature = "msgpack")]
        Format::MessagePack => {
            pack_into(&json, out).map_err(EncodeError::other)?;
            Ok(MessageKind::Binary)
        }
    }
}

struct Whole<'a, M> {
    message: &'a M,
    form: Form<'a>,
}

impl<M: WriteMessage> Whole<'_, M> {
    fn write(&self, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
        match self.form.format {
            Format::Json => {
                self.write_json(out)?;
                Ok(MessageKind::Text)
            }
            #[cfg(feature = "msgpack")]
            Format::MessagePack => {
                let writer = rmp_serde::Serializer::new(out).with_human_readable();
                let mut writer = writer.with_struct_map();
                self.serialize(&mut writer).map_err(EncodeError::other)?;
                Ok(MessageKind::Binary)
            }
        }
    }

    fn write_json(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        out.push(b'{');
        write_text(action_key::<M>(self.form), out);
        out.push(b':');
        write_text(self.message.action(), out);
        if self.message.has_payload() {
            out.push(b',');
            write_text(payload_key::<M>(self.form), out);
            out.push(b':');
            self.message.write_payload(Writer(out))?;
        }
        out.push(b'}');
        Ok(())
    }
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
