//! Failure: what a client is told of a message that failed.

use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::connection::{Cause, Disconnect};
use crate::error::Error;
use crate::handler::isolation::{failed, isolate};
use crate::handler::notice::tell;
use crate::handler::{Context, Handler};
use crate::id::ConnectionId;
use crate::message::typed::encode;
use crate::message::{
    DecodeError, EncodeError, Envelope, Faults, Form, Incoming, Message, MessageKind, Outgoing,
    WriteMessage,
};

/// Why a message failed, as the client may know it.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    /// As in HTTP.
    code: u16,
    message: String,
    /// What was asked for, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<&'static str>,
    /// What the log calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// What is wrong with the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Faults>,
}

impl Failure {
    /// Of a handler. Text meant for the client is shown; of anything else it gets an id that the log has too.
    fn of_handler(connection: ConnectionId, error: &Error, action: Option<&'static str>) -> Self {
        let id = Uuid::new_v4();
        let (code, message) = match error.status() {
            Some(status) => {
                tracing::debug!(%connection, error_id = %id, ?error, "a message was refused");
                (status, error.to_string())
            }
            None => {
                tracing::error!(%connection, error_id = %id, ?error, "a message failed");
                (500, "internal error".to_owned())
            }
        };
        Self {
            code,
            message,
            action,
            id: Some(id.to_string()),
            errors: None,
        }
    }

    /// Of a message that could not be read.
    fn of_message(error: DecodeError) -> Self {
        let (code, message, errors) = match error {
            DecodeError::Invalid(faults) => {
                let (code, text) = (faults.code(), "the message is not valid");
                (code, text.to_owned(), Some(faults))
            }
            other => (400, other.to_string(), None),
        };
        Self {
            code,
            message,
            action: None,
            id: None,
            errors,
        }
    }
}

impl Message for Failure {
    const ACTIONS: &'static [&'static str] = &["error"];

    fn action(&self) -> &'static str {
        "error"
    }
}

impl WriteMessage for Failure {
    fn has_payload(&self) -> bool {
        true
    }

    fn write_payload<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }
}

impl Outgoing for Failure {
    const TYPED: bool = true;

    fn encode(&self, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
        self.write(Form::DEFAULT, out)
    }

    fn write(&self, form: Form<'_>, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
        encode(self, form, out)
    }
}

/// Answers a hook that failed, by an error frame or the end.
pub(crate) fn answer<H: Handler>(
    context: &Context<H>,
    error: Error,
    handled: Option<&Envelope>,
) -> Result<(), Disconnect> {
    let id = context.id();
    if !replies(context) {
        return Err(failed(id, error));
    }
    let action = handled.and_then(|envelope| envelope.action);
    // How an error shows itself, and how it goes, is code of the application too.
    let failure = isolate(move || Failure::of_handler(id, &error, action))
        .map_err(|_| Disconnect::because(Cause::HandlerPanicked))?;
    let reference = handled.and_then(|envelope| envelope.reference.as_deref());
    tell(context, &failure, reference);
    Ok(())
}

/// Answers a message that could not be read, by an error frame or the end.
pub(crate) fn answer_unread<H: Handler>(
    context: &Context<H>,
    error: DecodeError,
    envelope: &Envelope,
) -> Result<(), Disconnect> {
    let (id, replies) = (context.id(), replies(context));
    let judge = move || {
        tracing::debug!(connection = %id, ?error, "a message was not taken");
        match replies {
            true => Ok(Failure::of_message(error)),
            false => Err(Disconnect::bad_message(&error)),
        }
    };
    let failure = isolate(judge).map_err(|_| Disconnect::because(Cause::HandlerPanicked))??;
    tell(context, &failure, envelope.reference.as_deref());
    Ok(())
}

/// Whether faults of messages are answered, and do not end the connection.
fn replies<H: Handler>(context: &Context<H>) -> bool {
    let policy = context.peer().options().on_error;
    policy.replies(H::Incoming::TYPED)
}
