//! Methods: those of a type beside the handler, which handlers take in by a field; and what they say of themselves.

use std::future::Future;

use crate::error::Result;
use crate::message::{Message, Outgoing, ReadMessage};
use crate::socket::Peer;

/// Methods for messages that many handlers take in: what [`#[methods]`](macro@crate::methods) makes of an `impl` block.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no methods to include",
    label = "not a group of methods",
    note = "write `#[methods] impl {Self} {{ .. }}` (`use sockeye::methods;`) around the methods that have `#[on]`"
)]
pub trait Methods {
    /// The messages of the methods.
    type Incoming: ReadMessage;

    /// What they send.
    type Outgoing: Message + Outgoing;

    /// Calls the method that takes this message, and gives its answer.
    ///
    /// # Errors
    /// The method's own, and those of sending.
    fn dispatch(
        &mut self,
        peer: &Peer,
        message: Self::Incoming,
    ) -> impl Future<Output = Result<()>> + Send;
}

/// What takes which messages and answers with which, for documents: made by the macros with the methods.
pub trait Described {
    /// One for each method, in their order, those of included groups last.
    fn exchanges() -> Vec<Exchange>;
}

/// A method by its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Its name.
    pub method: &'static str,
    /// Its documentation, without the marks of a comment.
    pub description: &'static str,
    /// The actions it takes.
    pub receives: &'static [&'static str],
    /// The actions it may reply with, for each type of reply.
    pub replies: &'static [&'static [&'static str]],
    /// The actions it may broadcast, for each type of message.
    pub broadcasts: &'static [&'static [&'static str]],
}
