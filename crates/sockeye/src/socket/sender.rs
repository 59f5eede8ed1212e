//! Sender: sends to one client from anywhere.

use std::future::poll_fn;
use std::sync::Arc;

use sockeye_protocol::CloseCode;

use crate::connection::Disconnect;
use crate::engine::Link;
use crate::error::{Error, ErrorKind};
use crate::group::Group;
use crate::id::ConnectionId;
use crate::message::{Form, Outgoing};

/// A cloneable handle to one client: for tasks, other handlers, registries. It does not keep the connection open, and
/// after its end it only says so.
#[derive(Clone, Debug)]
pub struct Sender(Arc<Link>);

impl Sender {
    pub(crate) fn new(link: Arc<Link>) -> Self {
        Self(link)
    }

    /// The connection it sends to.
    #[must_use]
    pub fn id(&self) -> ConnectionId {
        self.0.id()
    }

    /// Whether the connection can still be sent to.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0.is_open()
    }

    /// Queues a message at once.
    ///
    /// # Backpressure
    /// Does not wait. When the outbox has no room nothing is queued, and the connection goes on.
    ///
    /// # Errors
    /// `Full` when the outbox has no room; `Closed` after the end, or once it was asked for; `Encoding`.
    pub fn try_send(&self, message: impl Outgoing) -> Result<(), Error> {
        self.push(&message, self.0.form())
    }

    /// Queues a message once the outbox is less than half full.
    ///
    /// # Backpressure
    /// Waits for the peer to read. A peer that takes nothing for the write timeout is closed, which ends the wait.
    ///
    /// # Errors
    /// `Closed` after the end; `Encoding`.
    ///
    /// # Cancel safety
    /// Dropped before it finishes, nothing was queued.
    pub async fn send(&self, message: impl Outgoing) -> Result<(), Error> {
        let mut waiting_max = self.0.outbox_bytes() / 2;
        loop {
            poll_fn(|cx| self.0.poll_capacity(cx, waiting_max)).await;
            match self.0.push(&message, self.0.form()) {
                // Too large for what is left: it may leave alone, once nothing waits before it.
                Err(error) if error.kind() == ErrorKind::Full => waiting_max = 0,
                sent => return sent,
            }
        }
    }

    /// Ends the connection with a close frame, after what was queued before. Nothing can be sent any more, and no further
    /// message is handled. The first call counts, others change nothing. A reason longer than 123 bytes is cut between
    /// characters.
    pub fn close(&self, code: CloseCode, reason: &str) {
        self.0.close(Disconnect::server_closed(code, reason));
    }

    /// Takes the connection out of a group, from outside: it gets nothing that is published there afterwards. Its handler
    /// hears `why` as an [event](crate::Handler::on_event) of that group, and has to [leave](crate::Peer::leave) before it can
    /// join again. One that is no member hears nothing.
    ///
    /// # Errors
    /// `Encoding`.
    pub fn expel(&self, from: &Group, why: impl Outgoing) -> Result<(), Error> {
        let event = from.hub().encode_event(&why)?;
        from.hub().expel(&self.0, from.name(), event);
        Ok(())
    }

    /// The same as `try_send` in another form than that of the whole node.
    pub(crate) fn push(&self, message: &impl Outgoing, form: Form<'_>) -> Result<(), Error> {
        self.0.push(message, form)
    }

    pub(crate) fn link(&self) -> &Arc<Link> {
        &self.0
    }
}
