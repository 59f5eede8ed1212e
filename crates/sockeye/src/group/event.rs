//! Event: a message to the handlers of a group's members, rather than to their clients.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde_json::value::RawValue;

use crate::config::Wire;
use crate::connection::Frame;
use crate::group::GroupName;
use crate::group::presence::{self, Presence, Told};
use crate::message::{
    DecodeError, EncodeError, Envelope, Form, Format, Incoming, MessageKind, Outgoing, Payload,
    RawMessage, action_of,
};

/// What [`Group::notify`](crate::Group::notify) sends, or what became of a connection that is
/// [tracked](crate::Peer::track), as [`Handler::on_event`](crate::Handler::on_event) gets it. It can
/// be sent on to the client as it is.
#[derive(Clone)]
pub struct Event {
    group: GroupName,
    frame: Frame,
    /// The keys that it was written with.
    wire: Arc<Wire>,
}

impl Event {
    pub(crate) fn new(group: GroupName, frame: Frame, wire: Arc<Wire>) -> Self {
        Self { group, frame, wire }
    }

    /// The group that it was sent to.
    #[must_use]
    pub fn group(&self) -> &GroupName {
        &self.group
    }

    /// The action, where it has one: which typed message it is.
    #[must_use]
    pub fn action(&self) -> Option<String> {
        match self.payload() {
            Payload::Text(text) => action_of(text, &self.wire.action_key),
            Payload::Binary(_) => None,
        }
    }

    /// What became of a [tracked](crate::Peer::track) connection of the group, where it tells of that.
    #[must_use]
    pub fn presence(&self) -> Option<Presence> {
        if self.action().as_deref() != Some(presence::ACTION) {
            return None;
        }
        let Payload::Text(text) = self.payload() else {
            return None;
        };
        let keys: HashMap<&str, &RawValue> = serde_json::from_str(text).ok()?;
        let payload = keys.get(&*self.wire.payload_key)?;
        let told: Told = serde_json::from_str(payload.get()).ok()?;
        told.into_presence()
    }

    /// Reads it as a message.
    ///
    /// # Errors
    /// [`DecodeError`] when it is another one.
    pub fn decode<T: Incoming>(&self) -> Result<T, DecodeError> {
        let form = Form::new(&self.wire, Format::Json);
        T::read(self.payload(), form, &mut Envelope::default())
    }

    /// Its bytes.
    #[must_use]
    pub fn payload(&self) -> Payload<'_> {
        match self.frame.payload() {
            (MessageKind::Binary, bytes) => Payload::Binary(bytes),
            // What was encoded as text is UTF-8 unless an encoder of the application's own broke its word.
            (MessageKind::Text, bytes) => {
                str::from_utf8(bytes).map_or(Payload::Binary(bytes), Payload::Text)
            }
        }
    }
}

impl Outgoing for Event {
    fn encode(&self, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
        let (kind, bytes) = self.frame.payload();
        out.extend_from_slice(bytes);
        Ok(kind)
    }

    #[cfg(feature = "msgpack")]
    fn write(&self, form: Form<'_>, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
        if form.format() == Format::MessagePack {
            let packed = self.frame.packed();
            let (kind, bytes) = packed.payload();
            out.extend_from_slice(bytes);
            return Ok(kind);
        }
        self.encode(out)
    }
}

impl From<Event> for RawMessage {
    fn from(event: Event) -> Self {
        event.payload().to_message()
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("group", &self.group)
            .field("bytes", &self.payload().as_bytes().len())
            .finish_non_exhaustive()
    }
}
