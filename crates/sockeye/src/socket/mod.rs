//! WebSocket: the connection as a function handler holds it.

mod groups;
mod mailbox;
mod peer;
mod receive;
mod send;
mod sender;
mod site;
mod tasks;

pub(crate) use mailbox::Mailbox;
pub use peer::Peer;
pub use sender::Sender;
pub(crate) use site::Site;

use std::ops::Deref;
use std::sync::Arc;

use crate::group::Gap;
use crate::handshake::State;

/// An accepted WebSocket, for handlers that are functions: `async fn chat(mut socket: WebSocket) -> Result<()>`.
///
/// The connection closes with 1000 when the function returns and with 1011 when it fails or panics; see
/// [`FunctionHandler`](crate::FunctionHandler). Everything about the client, its groups and its tasks is on [`Peer`],
/// to which this dereferences.
///
/// Messages come from [`receive_text`](Self::receive_text) and its kin, or from iterating over it as a
/// [`Stream`](futures_util::Stream) of [`RawMessage`](crate::RawMessage); both end when the peer leaves.
///
/// ```
/// use sockeye::{Result, WebSocket};
///
/// async fn shout(mut socket: WebSocket) -> Result<()> {
///     while let Some(text) = socket.receive_text().await? {
///         socket.send_text(&text.to_uppercase()).await?;
///     }
///     Ok(())
/// }
/// # let _ = shout;
/// ```
#[derive(Debug)]
pub struct WebSocket {
    peer: Arc<Peer>,
    mailbox: Mailbox,
    state: State,
}

impl WebSocket {
    pub(crate) fn new(peer: Arc<Peer>, mailbox: Mailbox, state: State) -> Self {
        Self {
            peer,
            mailbox,
            state,
        }
    }

    /// Takes what this client has lost of its groups since it was last asked for, one [`Gap`] for each group: see
    /// [`Overflow`](crate::Overflow). Look after a message was received, or in the pauses between; nothing wakes for it.
    #[must_use]
    pub fn take_gaps(&mut self) -> Vec<Gap> {
        self.mailbox.take_gaps()
    }

    /// Values by their type: what hooks of the handshake loaded, and what is kept for the connection.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The same, to set and remove.
    pub fn state_mut(&mut self) -> &mut State {
        &mut self.state
    }
}

impl Deref for WebSocket {
    type Target = Peer;

    fn deref(&self) -> &Peer {
        &self.peer
    }
}
