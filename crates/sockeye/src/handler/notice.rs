//! Notice: what the framework itself tells the client of a handler, in the form of typed messages.

use serde::de::IgnoredAny;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serializer};

use crate::group::Gap;
use crate::handler::{Context, Handler};
use crate::message::typed::{Control, Extra, add, decode, encode};
use crate::message::{
    EncodeError, Envelope, Form, Incoming, Message, MessageKind, Outgoing, Payload, ReadMessage,
    WriteMessage,
};

/// Tells the client of a message with this reference.
pub(crate) fn tell<H: Handler, M: Message + Outgoing>(
    context: &Context<H>,
    message: &M,
    reference: Option<&str>,
) {
    let told = Answering { message, reference };
    let form = context.peer().form();
    if let Err(error) = context.sender().push(&told, form) {
        let (connection, action) = (context.id(), message.action());
        tracing::warn!(%connection, action, %error, "a client was not told");
    }
}

/// Tells the client, where it wants to know, that all was sent that a message has caused: behind this connection's own
/// copies of what was broadcast.
pub(crate) fn complete<H: Handler>(context: &Context<H>, handled: &Envelope) {
    if !H::Incoming::TYPED || !context.peer().options().completion {
        return;
    }
    let reference = handled.reference.as_deref();
    let message = &Control("complete");
    if let Err(error) = context.peer().follow(&Answering { message, reference }) {
        tracing::warn!(connection = %context.id(), %error, "a client was not told of a completion");
    }
}

/// Tells the client of a handler with typed messages what it has missed of a group.
pub(crate) fn gap<H: Handler>(context: &Context<H>, gap: Gap) {
    let (group, messages) = (&gap.group, gap.messages);
    tracing::debug!(connection = %context.id(), %group, messages, "messages are missing");
    if H::Incoming::TYPED || H::Outgoing::TYPED {
        tell(context, &Missed(gap), None);
    }
}

/// `{"action":"gap","payload":{"group":"room:1","messages":3}}`
struct Missed(Gap);

impl Message for Missed {
    const ACTIONS: &'static [&'static str] = &[];

    fn action(&self) -> &'static str {
        "gap"
    }
}

impl WriteMessage for Missed {
    fn has_payload(&self) -> bool {
        true
    }

    fn write_payload<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut missed = serializer.serialize_struct("Missed", 2)?;
        missed.serialize_field("group", self.0.group.as_str())?;
        missed.serialize_field("messages", &self.0.messages)?;
        missed.end()
    }
}

impl Outgoing for Missed {
    const TYPED: bool = true;

    fn encode(&self, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
        self.write(Form::DEFAULT, out)
    }

    fn write(&self, form: Form<'_>, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
        encode(self, form, out)
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
        let start = out.len();
        let kind = self.message.write(form, out)?;
        if let Some(reference) = self.reference {
            add(out, start, form.format(), "ref", Extra::Text(reference))?;
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

/// What came around a message that its handler does not know, where that is a ping.
pub(crate) fn ping(payload: Payload<'_>, form: Form<'_>) -> Option<Envelope> {
    let mut envelope = Envelope::default();
    decode::<Ping>(payload, form, &mut envelope).ok()?;
    Some(envelope)
}
