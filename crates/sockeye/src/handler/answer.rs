//! Answer: what a method of `#[handler]` gives for the message it has handled.

use crate::error::{Error, Result};
use crate::handler::notice::Answering;
use crate::handler::reference;
use crate::message::{Message, Outgoing};
use crate::socket::Peer;

/// What a method of [`#[handler]`](macro@crate::handler) may give for a message:
///
/// | given | what happens |
/// |---|---|
/// | `()` | nothing |
/// | a message `M` | a reply to the client that asked, with the `ref` of its message |
/// | [`Broadcast<M>`](Broadcast) | sent to every member of the connection's groups, itself included |
/// | [`BroadcastToOthers<M>`](BroadcastToOthers) | the same without this connection |
/// | `(A, B)` | both; replies leave before broadcasts |
/// | `Option<A>` | that, or nothing |
/// | `Result<A, E>` | that, or what [`Options::on_error`](crate::Options::on_error) says of the error |
///
/// `M` is any [message](crate::Message), `A` and `B` are answers, `E` is an [`Error`] or what turns into one by `?`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no answer to a message",
    label = "cannot be sent as an answer",
    note = "a method gives `()`, a reply that has `#[derive(Message)]`, a `Broadcast` or `BroadcastToOthers` of such a \
            message, a pair of these, or an `Option` or `sockeye::Result` of them"
)]
pub trait Answer {
    #[doc(hidden)]
    fn give(self, peer: &Peer) -> Result<()>;
}

/// An [`Answer`] for every member of the connection's groups, this one included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broadcast<M>(pub M);

/// An [`Answer`] for every other member of the connection's groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BroadcastToOthers<M>(pub M);

impl Answer for () {
    fn give(self, _: &Peer) -> Result<()> {
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl<M: Message + Outgoing> Answer for M {
    fn give(self, peer: &Peer) -> Result<()> {
        reply(peer, &self)
    }
}

impl<M: Message + Outgoing> Answer for Broadcast<M> {
    fn give(self, peer: &Peer) -> Result<()> {
        peer.broadcast(&self.0, true)
    }
}

impl<M: Message + Outgoing> Answer for BroadcastToOthers<M> {
    fn give(self, peer: &Peer) -> Result<()> {
        peer.broadcast(&self.0, false)
    }
}

impl<A: Answer, B: Answer> Answer for (A, B) {
    fn give(self, peer: &Peer) -> Result<()> {
        self.0.give(peer)?;
        self.1.give(peer)
    }
}

impl<A: Answer> Answer for Option<A> {
    fn give(self, peer: &Peer) -> Result<()> {
        self.map_or(Ok(()), |answer| answer.give(peer))
    }
}

impl<A: Answer, E: Into<Error>> Answer for Result<A, E> {
    fn give(self, peer: &Peer) -> Result<()> {
        self.map_err(Into::into)?.give(peer)
    }
}

/// Answers the message that is handled.
pub(crate) fn reply<M: Outgoing>(peer: &Peer, message: &M) -> Result<()> {
    if !M::TYPED {
        return peer.try_send(message);
    }
    reference::with(|reference| match reference {
        None => peer.try_send(message),
        reference => peer.try_send(Answering { message, reference }),
    })
}
