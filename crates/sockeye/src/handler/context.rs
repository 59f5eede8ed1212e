//! Context: the connection as a trait handler holds it.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use crate::error::Result;
use crate::handler::answer::reply;
use crate::handler::{Handler, SentBy};
use crate::handshake::State;
use crate::socket::Peer;

/// A handler's connection: replies and broadcasts in the handler's own message type; everything about the client, its
/// groups and its tasks is on [`Peer`], to which this dereferences.
///
/// What one message causes leaves in this order: first its replies, then its broadcasts, whichever was called first,
/// as long as the handler did not wait in between.
pub struct Context<H: Handler> {
    peer: Peer,
    handler: PhantomData<fn(H)>,
}

impl<H: Handler> Context<H> {
    pub(crate) fn new(peer: Peer) -> Self {
        let handler = PhantomData;
        Self { peer, handler }
    }

    /// Answers the client. While a [typed message](crate::Message) with a `ref` is handled, a typed reply carries that
    /// `ref` back. A message of another type than the handler's own goes by [`send`](Peer::send) or
    /// [`try_send`](Peer::try_send).
    ///
    /// # Backpressure
    /// Does not wait. A client that lets its outbox run full is closed with 1013.
    ///
    /// # Errors
    /// `Full` when the outbox has no room, `Closed` after the end, `Encoding` when the message has no wire form.
    pub fn reply(&self, message: impl SentBy<H>) -> Result<()> {
        reply(&self.peer, &message.into_outgoing())
    }

    /// Sends to every member of the groups this connection is in, itself included. Encoded once; a connection that
    /// shares two of them gets it twice. Waits for nobody.
    ///
    /// # Errors
    /// `Application` when it is in no group; otherwise as [`Group::broadcast`](crate::Group::broadcast).
    pub fn broadcast(&self, message: impl SentBy<H>) -> Result<()> {
        self.peer.broadcast(&message.into_outgoing(), true)
    }

    /// The same without this connection.
    ///
    /// # Errors
    /// As [`broadcast`](Self::broadcast).
    pub fn broadcast_to_others(&self, message: impl SentBy<H>) -> Result<()> {
        self.peer.broadcast(&message.into_outgoing(), false)
    }

    /// Values by their type: what hooks of the handshake loaded, and what is kept for the connection.
    #[must_use]
    pub fn state(&self) -> &State {
        self.peer.handshake().state()
    }

    /// The same, to set and remove.
    pub fn state_mut(&mut self) -> &mut State {
        self.peer.handshake_mut().state_mut()
    }

    pub(crate) fn peer(&self) -> &Peer {
        &self.peer
    }
}

impl<H: Handler> Deref for Context<H> {
    type Target = Peer;

    fn deref(&self) -> &Peer {
        &self.peer
    }
}

impl<H: Handler> fmt::Debug for Context<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("peer", &self.peer)
            .finish_non_exhaustive()
    }
}
