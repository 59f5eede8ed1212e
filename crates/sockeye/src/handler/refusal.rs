//! Refusals that travel over an open socket: the error frame, the authentication frame, and the close after it.

use std::sync::Arc;
use std::task;

use http::StatusCode;
use serde_json::{Value, json};
use sockeye_protocol::CloseCode;
use uuid::Uuid;

use crate::connection::{Cause, Disconnect};
use crate::engine::{Hook, Lifecycle, Progress, Spare};
use crate::error::Error;
use crate::handler::isolation::{failed, isolate};
use crate::handler::{Context, Handler};
use crate::id::ConnectionId;
use crate::message::{Incoming, Payload};
use crate::socket::Sender;

/// The frame that tells a client that its message failed. Text meant for it is shown; of anything else it gets an id
/// that the log has too.
pub(crate) fn error_frame(connection: ConnectionId, error: &Error) -> Value {
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
    json!({ "action": "error", "payload": { "code": code, "message": message, "id": id.to_string() } })
}

/// Answers a message that failed, by an error frame or the end.
pub(crate) fn answer<H: Handler>(context: &Context<H>, error: Error) -> Result<(), Disconnect> {
    match replies(context) {
        true => reply_with(context, error),
        false => Err(failed(context.id(), error)),
    }
}

/// Whether faults of messages are answered, and do not end the connection.
pub(crate) fn replies<H: Handler>(context: &Context<H>) -> bool {
    let policy = context.peer().options().on_error;
    policy.replies(H::Incoming::TYPED)
}

/// Tells the peer of an error, and goes on.
pub(crate) fn reply_with<H: Handler>(context: &Context<H>, error: Error) -> Result<(), Disconnect> {
    let id = context.id();
    // How an error shows itself, and how it goes, is code of the application too.
    let frame = isolate(move || error_frame(id, &error))
        .map_err(|_| Disconnect::because(Cause::HandlerPanicked))?;
    if let Err(error) = context.sender().try_send(frame) {
        tracing::warn!(connection = %id, %error, "an error frame was not sent");
    }
    Ok(())
}

/// The frame that tells a page why it may not connect, which it cannot learn from HTTP.
pub(crate) fn authentication_frame(status: StatusCode, detail: &str) -> Value {
    let text = status.canonical_reason().unwrap_or_default();
    let data = json!({ "detail": detail });
    json!({
        "action": "authentication",
        "payload": { "status_code": status.as_u16(), "status_text": text, "data": data },
    })
}

/// A client that was accepted only to be told that it is refused. It has no handler; what it sends is thrown away.
pub(crate) struct Refused {
    sender: Sender,
    frame: Option<Value>,
    code: CloseCode,
    finished: bool,
}

impl Refused {
    pub(crate) fn new(sender: Sender, frame: Option<Value>, code: CloseCode) -> Self {
        Self {
            sender,
            frame,
            code,
            finished: false,
        }
    }
}

impl Lifecycle for Refused {
    fn name(&self) -> &'static str {
        "a refusal"
    }

    fn connect(&mut self) {
        if let Some(frame) = self.frame.take()
            && let Err(error) = self.sender.try_send(frame)
        {
            tracing::debug!(%error, "a refused client could not be told why");
        }
        self.sender.close(self.code, "");
    }

    fn message(&mut self, _: Payload<'_>, cx: &mut task::Context<'_>, _: &mut Spare) -> Progress {
        self.poll(cx)
    }

    fn gap(&mut self, _: &Arc<str>, _: u64) {}

    fn disconnect(&mut self, _: Disconnect) {
        self.finished = true;
    }

    fn cancel(&mut self, _: Hook) {}

    fn poll(&mut self, _: &mut task::Context<'_>) -> Progress {
        match self.finished {
            true => Progress::Finished,
            false => Progress::Full,
        }
    }
}
