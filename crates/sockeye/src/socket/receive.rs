//! Receiving: messages as text, bytes, JSON or as they come, and the end.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use serde::de::DeserializeOwned;

use crate::connection::Disconnect;
use crate::error::{Error, ErrorKind, Result};
use crate::message::{Incoming, Json, Payload, RawMessage};
use crate::socket::WebSocket;

/// What all receiving methods have in common:
///
/// `None` means that the connection is over, now and ever after; [`closed`](Self::closed) then says why. A message of
/// another kind or shape than asked for closes the connection with 1003. An empty text is a message like any other.
///
/// # Backpressure
/// Up to 16 messages or 64 KiB wait to be asked for; beyond that the peer is no longer read from. When none of them is
/// taken for the hook timeout, the connection ends.
///
/// # Cancel safety
/// A receive that is dropped before it finishes has taken nothing.
impl WebSocket {
    /// The next message of any kind.
    pub async fn receive(&mut self) -> Option<RawMessage> {
        poll_fn(|cx| self.mailbox.poll_take(cx)).await
    }

    /// The next message, which must be text.
    ///
    /// # Errors
    /// `Encoding` when it is binary.
    pub async fn receive_text(&mut self) -> Result<Option<String>> {
        self.receive_as().await
    }

    /// The next message, which must be binary.
    ///
    /// # Errors
    /// `Encoding` when it is text.
    pub async fn receive_bytes(&mut self) -> Result<Option<Bytes>> {
        self.receive_as().await
    }

    /// The next message, which must be JSON in a text or binary frame and give a `T`.
    ///
    /// # Errors
    /// `Encoding` when it does not.
    pub async fn receive_json<T: DeserializeOwned + Send + 'static>(
        &mut self,
    ) -> Result<Option<T>> {
        let json: Option<Json<T>> = self.receive_as().await?;
        Ok(json.map(|Json(value)| value))
    }

    async fn receive_as<T: Incoming>(&mut self) -> Result<Option<T>> {
        let Some(message) = self.receive().await else {
            return Ok(None);
        };
        let payload = match &message {
            RawMessage::Text(text) => Payload::Text(text),
            RawMessage::Binary(bytes) => Payload::Binary(bytes),
        };
        T::decode(payload).map(Some).map_err(|error| {
            self.sender().link().close(Disconnect::bad_message(&error));
            Error::caused(
                ErrorKind::Encoding,
                "the peer sent another kind of message",
                error,
            )
        })
    }

    /// Waits for the end of the connection and says why it came; gives the same answer again afterwards.
    ///
    /// Takes no message, so none is lost: what came before the end can still be received after it. For as long as
    /// [more messages](Self::receive) wait than are held, the peer is not read from and its leaving not seen.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use sockeye::WebSocket;
    ///
    /// async fn clock(socket: WebSocket) {
    ///     let mut ticks = tokio::time::interval(Duration::from_secs(1));
    ///     loop {
    ///         tokio::select! {
    ///             _ = ticks.tick() => socket.send("tick"),
    ///             end = socket.closed() => return tracing::info!(%end, "nobody listens any more"),
    ///         }
    ///     }
    /// }
    /// # let _: sockeye::Router = sockeye::Router::new().route("/clock", clock);
    /// ```
    ///
    /// # Cancel safety
    /// May be dropped and called again.
    pub async fn closed(&self) -> Disconnect {
        poll_fn(|cx| self.mailbox.poll_end(cx)).await
    }
}

/// Iteration over the messages until the peer leaves: `while let Some(message) = socket.next().await`, with
/// `futures_util::StreamExt`.
impl Stream for WebSocket {
    type Item = RawMessage;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<RawMessage>> {
        self.mailbox.poll_take(cx)
    }
}
