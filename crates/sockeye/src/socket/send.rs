//! Sending: messages to this client, and to the groups it is in.

use bytes::Bytes;
use serde::Serialize;

use crate::error::Result;
use crate::message::{Json, Outgoing};
use crate::socket::WebSocket;

/// What all `send_*` methods have in common:
///
/// # Backpressure
/// They wait while more than half of the outbox is taken, so a handler is as fast as its peer reads.
/// [`send`](crate::Peer::send) and [`try_send`](crate::Peer::try_send) do not wait.
///
/// # Errors
/// `Closed` once the connection is over; `Encoding` when the value has no wire form.
///
/// # Cancel safety
/// Dropped before it finishes, nothing was sent.
impl WebSocket {
    /// Sends a text message.
    ///
    /// # Errors
    /// `Closed`.
    pub async fn send_text(&self, text: &str) -> Result<()> {
        self.sender().send(text).await
    }

    /// Sends a binary message.
    ///
    /// # Errors
    /// `Closed`.
    pub async fn send_bytes(&self, bytes: impl Into<Bytes> + Send) -> Result<()> {
        let bytes = bytes.into();
        self.sender().send(bytes).await
    }

    /// Sends a value as JSON in a text frame.
    ///
    /// # Errors
    /// `Closed`, `Encoding`.
    pub async fn send_json<T: Serialize + Sync>(&self, value: &T) -> Result<()> {
        self.sender().send(Json(value)).await
    }

    /// Sends a message of any type that has a wire form: what was received, for an echo.
    ///
    /// # Errors
    /// `Closed`, `Encoding`.
    pub async fn send_message(&self, message: impl Outgoing + Send) -> Result<()> {
        self.sender().send(message).await
    }

    /// Sends to every member of the groups this connection is in, itself included; encodes once, waits for nobody.
    ///
    /// # Errors
    /// `Application` when it is in no group; otherwise as [`Group::broadcast`](crate::Group::broadcast).
    pub fn broadcast(&self, message: impl Outgoing) -> Result<()> {
        self.broadcast_to(&message, true)
    }

    /// The same without this connection.
    ///
    /// # Errors
    /// As [`broadcast`](Self::broadcast).
    pub fn broadcast_to_others(&self, message: impl Outgoing) -> Result<()> {
        self.broadcast_to(&message, false)
    }

    fn broadcast_to(&self, message: &impl Outgoing, with_self: bool) -> Result<()> {
        self.peer.broadcast(message, with_self)
    }
}
