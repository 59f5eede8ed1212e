//! Dialect: the form of typed messages that a client in a test speaks, and what it knows without their types.

use std::borrow::Cow;
use std::error::Error;

use serde_json::Value;

use crate::config::Wire;
use crate::message::{
    DecodeError, EncodeError, Envelope, Form, Format, Incoming, MessageKind, Outgoing, Payload,
    RawMessage,
};
use crate::testing::history::excerpt;

/// The form of a connection, owned.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dialect {
    wire: Wire,
    format: Format,
}

impl Dialect {
    pub(crate) fn new(wire: Wire) -> Self {
        let format = Format::default();
        Self { wire, format }
    }

    /// The same with the encoding that a subprotocol asks for.
    pub(crate) fn agreed(self, subprotocol: Option<&str>) -> Self {
        let format = Format::of_subprotocol(subprotocol);
        Self { format, ..self }
    }

    fn form(&self) -> Form<'_> {
        Form::new(&self.wire, self.format)
    }

    /// The payload of a message to send.
    pub(crate) fn write(
        &self,
        message: &impl Outgoing,
    ) -> Result<(MessageKind, Vec<u8>), EncodeError> {
        let mut payload = Vec::new();
        let kind = message.write(self.form(), &mut payload)?;
        Ok((kind, payload))
    }

    /// A message as a type; else why it is none.
    pub(crate) fn read<T: Incoming>(&self, message: &RawMessage) -> Result<T, String> {
        let payload = match message {
            RawMessage::Text(text) => Payload::Text(text),
            RawMessage::Binary(bytes) => Payload::Binary(bytes),
        };
        let read = T::read(payload, self.form(), &mut Envelope::default());
        read.map_err(|error: DecodeError| {
            let why = error
                .source()
                .map_or(String::new(), |why| format!(": {why}"));
            format!("{}: {error}{why}", excerpt(message))
        })
    }

    /// The action of a message that has one.
    pub(crate) fn action(&self, message: &RawMessage) -> Option<String> {
        let mut json = json(message)?;
        match json.get_mut(&*self.wire.action_key)?.take() {
            Value::String(action) => Some(action),
            _ => None,
        }
    }

    /// Status and data of an authentication frame.
    pub(crate) fn authentication(&self, message: &RawMessage) -> Option<(u64, Value)> {
        if self.action(message)? != "authentication" {
            return None;
        }
        let key: &Cow<'_, str> = &self.wire.payload_key;
        let mut payload = json(message)?.get_mut(&**key)?.take();
        let status = payload.get("status_code")?.as_u64()?;
        let data = payload.get_mut("data").map(Value::take).unwrap_or_default();
        Some((status, data))
    }
}

fn json(message: &RawMessage) -> Option<Value> {
    match message {
        RawMessage::Text(text) => serde_json::from_str(text).ok(),
        RawMessage::Binary(bytes) => serde_json::from_slice(bytes).ok(),
    }
}
