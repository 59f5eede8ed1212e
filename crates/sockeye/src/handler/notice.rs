//! Notice: what the framework itself tells the client of a handler, in the form of typed messages.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::handler::failure::Failure;
use crate::handler::{Context, Handler};
use crate::message::typed::{decode, encode};
use crate::message::{
    EncodeError, Envelope, Form, Incoming, Message, MessageKind, Outgoing, Payload, ReadMessage,
    WriteMessage,
};

/// What may be told.
#[derive(Debug)]
pub(crate) enum Notice {
    /// The answer to a ping.
    Pong,
    /// Everything that a message has caused was sent.
    Complete,
    /// A message failed.
    Error(Failure),
}

impl Message for Notice {
    const ACTIONS: &'static [&'static str] = &["pong", "complete", "error"];

    fn action(&self) -> &'static str {
        match self {
            Self::Pong => "pong",
            Self::Complete => "complete",
            Self::Error(_) => "error",
        }
    }
}

impl WriteMessage for Notice {
    fn has_payload(&self) -> bool {
        matches!(self, Self::Error(_))
    }

    fn write_payload<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Pong | Self::Complete => serializer.serialize_unit(),
            Self::Error(failure) => failure.serialize(serializer),
        }
    }
}

impl Outgoing for Notice {
    const TYPED: bool = true;

    fn encode(&self, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
        encode(self, Form::DEFAULT, out)
    }

    fn write(&self, form: Form<'_>, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
        encode(self, form, out)
    }
}

/// Tells the client of a message with this reference.
pub(crate) fn tell<H: Handler>(context: &Context<H>, notice: &Notice, reference: Option<&str>) {
    let told = Answering {
        message: notice,
        reference,
    };
    if let Err(error) = context.sender().try_send(told) {
        tracing::warn!(connection = %context.id(), %error, "a client was not told: {}", notice.action());
    }
}

/// Tells the client, where it wants to know, that all was sent that a message has caused: behind this connection's own
/// copies of what was broadcast.
pub(crate) fn complete<H: Handler>(context: &Context<H>, handled: &Envelope) {
    if !H::Incoming::TYPED || !context.peer().options().completion {
        return;
    }
    let reference = handled.reference.as_deref();
    let notice = Answering {
        message: &Notice::Complete,
        reference,
    };
    if let Err(error) = context.peer().follow(&notice) {
        tracing::warn!(connection = %context.id(), %error, "a client was not told of a completion");
    }
}

/// A message with the reference of what it answers.
pub(crate) struct Answering<'a, M> {
    pub(crate) message: &'a M,
    pub(crate) reference: Option<&'a str>,
}

impl<M: Outgoing> Outgoing for Answering<'_, M> {
    const TYPED: bool = M::TYPED;

    fn encode(&self, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
        self.write(Form::DEFAULT, out)
    }

    fn write(&self, form: Form<'_>, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
        let kind = self.message.write(form, out)?;
        if let Some(reference) = self.reference
            && out.pop_if(|last| *last == b'}').is_some()
        {
            out.extend_from_slice(b",\"ref\":");
            serde_json::to_writer(&mut *out, reference)?;
            out.push(b'}');
        }
        Ok(kind)
    }
}

/// A ping of the application's own kind, which pages can send.
struct Ping;

impl Message for Ping {
    const ACTIONS: &'static [&'static str] = &["ping"];

    fn action(&self) -> &'static str {
        "ping"
    }
}

impl ReadMessage for Ping {
    fn read_payload<'de, D: Deserializer<'de>>(_: usize, payload: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(payload).map(|_| Self)
    }
}

/// Whether a message that its handler does not know is a ping; notes what came around it.
pub(crate) fn is_ping(payload: Payload<'_>, form: Form<'_>, envelope: &mut Envelope) -> bool {
    decode::<Ping>(payload, form, envelope).is_ok()
}
