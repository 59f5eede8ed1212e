//! TestClient: a client in memory, what it sends and what goes wrong with it.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use serde::Serialize;
use sockeye_protocol::{CloseCode, CloseFrame};
use tokio::task::AbortHandle;

use crate::message::{Json, Outgoing};
use crate::testing::dialect::Dialect;
use crate::testing::floor::Floor;
use crate::testing::patience::Patience;
use crate::testing::session::Session;

/// A client of a [`TestServer`](crate::testing::TestServer). It answers pings and close frames by itself, and keeps what
/// it receives until the test asks for it.
///
/// Whatever it waits for comes within its [patience](crate::testing::TestServer::patience), or fails the test with what
/// was waited for and what came instead. What it is told to send leaves at once, without waiting.
///
/// Dropped, it is gone without a close frame, like a phone in a tunnel.
pub struct TestClient {
    pub(crate) session: Arc<Session>,
    pub(crate) floor: Arc<Floor>,
    pub(crate) mover: AbortHandle,
    pub(crate) patience: Duration,
    pub(crate) headers: HeaderMap,
    pub(crate) subprotocol: Option<String>,
    pub(crate) dialect: Dialect,
}

impl TestClient {
    /// The headers of the response that accepted it.
    #[must_use]
    pub fn response_headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The subprotocol that the server chose.
    #[must_use]
    pub fn subprotocol(&self) -> Option<&str> {
        self.subprotocol.as_deref()
    }

    /// Sends a message of any type that has a wire form.
    ///
    /// # Panics
    /// When the connection is over, or the message has no wire form.
    #[track_caller]
    pub fn send(&self, message: impl Outgoing) {
        self.send_message(&message, 1);
    }

    /// Sends a text message.
    ///
    /// # Panics
    /// When the connection is over.
    #[track_caller]
    pub fn send_text(&self, text: &str) {
        self.send_message(&text, 1);
    }

    /// Sends a binary message.
    ///
    /// # Panics
    /// When the connection is over.
    #[track_caller]
    pub fn send_bytes(&self, bytes: impl Into<Bytes>) {
        self.send_message(&bytes.into(), 1);
    }

    /// Sends a value as JSON in a text message: `send_json(&json!({"action": "ping"}))`.
    ///
    /// # Panics
    /// When the connection is over, or the value cannot be written as JSON.
    #[track_caller]
    pub fn send_json(&self, value: &impl Serialize) {
        self.send_message(&Json(value), 1);
    }

    /// Sends a message whose frame arrives in so many reads, as over a slow link.
    ///
    /// # Panics
    /// As [`send`](Self::send).
    #[track_caller]
    pub fn send_in_pieces(&self, message: impl Outgoing, pieces: usize) {
        self.send_message(&message, pieces);
    }

    /// Sends bytes as they are, in place of frames: the beginning of one, or what is none.
    pub fn send_raw(&self, bytes: impl Into<Bytes>) {
        self.session.write_raw(bytes.into());
    }

    /// Says that it goes. [`closed`](Self::closed) waits for the server's answer.
    pub fn close(&self, code: CloseCode, reason: &str) {
        // A second one changes nothing.
        let _ = self.session.write(1, |endpoint, out, workspace| {
            let frame = CloseFrame { code, reason };
            endpoint.close(Some(frame), out, &mut workspace.outbound);
            Ok(())
        });
    }

    /// Takes nothing more of what the server sends, nor answers its pings, until
    /// [`resume_reading`](Self::resume_reading). The link holds 64 KiB; what is more waits in the server's outbox.
    pub fn stop_reading(&self) {
        self.session.read(false);
    }

    /// Reads on.
    pub fn resume_reading(&self) {
        self.session.read(true);
    }

    /// Ends the stream without a close frame, behind what was sent.
    pub fn drop_link(&self) {
        self.session.sever();
    }

    /// Breaks the stream, as a reset does: what is on its way is lost, in both directions.
    pub fn reset_link(&self) {
        self.session.reset();
    }

    /// Makes everything that either side sends from now on arrive so much later, in tokio's time.
    pub fn delay(&self, delay: Duration) {
        for lane in self.session.lanes() {
            lane.delay(delay);
        }
    }

    /// Waits until the server has come to rest, as [`TestServer::settled`](crate::testing::TestServer::settled) does.
    ///
    /// # Panics
    /// When it does not in time.
    #[track_caller]
    pub fn settled(&self) -> impl Future<Output = ()> {
        let patience = self.waiting();
        let story = || self.session.story();
        patience.wait("the server to come to rest", story, self.floor.settle())
    }

    #[track_caller]
    pub(crate) fn waiting(&self) -> Patience {
        Patience::new(self.patience)
    }

    #[track_caller]
    fn send_message(&self, message: &impl Outgoing, pieces: usize) {
        let (kind, payload) = match self.dialect.write(message) {
            Ok(written) => written,
            Err(error) => {
                let text = format!(
                    "cannot send: {error}: {:?}",
                    std::error::Error::source(&error)
                );
                self.waiting().fail(&text)
            }
        };
        let sent = self.session.write(pieces, |endpoint, out, workspace| {
            endpoint.send(kind, &payload, out, &mut workspace.outbound)
        });
        if sent.is_err() || self.session.is_closed() {
            let text = format!(
                "cannot send on a connection that is closing; {}",
                self.session.story()
            );
            self.waiting().fail(&text);
        }
    }
}

impl Drop for TestClient {
    fn drop(&mut self) {
        self.mover.abort();
    }
}

impl fmt::Debug for TestClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestClient")
            .field("session", &self.session.story())
            .finish_non_exhaustive()
    }
}
