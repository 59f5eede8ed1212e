//! Refusals that travel over an open socket: the authentication frame, and the close after it.

use std::sync::Arc;
use std::task;

use http::StatusCode;
use serde_json::{Value, json};
use sockeye_protocol::CloseCode;

use crate::config::{Case, Wire};
use crate::connection::{Disconnect, Frame};
use crate::engine::{Hook, Lifecycle, Progress, Spare};
use crate::message::Payload;
use crate::socket::{Peer, Sender};

/// The frame that tells a client how its handshake went, which a page cannot learn from HTTP.
pub(crate) fn authentication_frame(wire: &Wire, status: StatusCode, detail: &str) -> Value {
    let [code, text] = match wire.case {
        Case::AsWritten => ["status_code", "status_text"],
        Case::Camel => ["statusCode", "statusText"],
    };
    let reason = status.canonical_reason().unwrap_or_default();
    let payload = json!({ code: status.as_u16(), text: reason, "data": { "detail": detail } });
    json!({ &*wire.action_key: "authentication", &*wire.payload_key: payload })
}

/// Tells a client that it is let in, where that is wanted.
pub(crate) fn announce(peer: &Peer) {
    let options = peer.options();
    if options.authentication_frame {
        peer.send(authentication_frame(&options.wire, StatusCode::OK, "OK"));
    }
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

    fn event(&mut self, _: &Arc<str>, _: Frame) {}

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
