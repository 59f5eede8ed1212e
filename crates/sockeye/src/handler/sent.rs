//! Sent: which messages a handler may send by its context.

use crate::handler::Handler;

/// A message that the handler `H` may send: its [`Outgoing`](Handler::Outgoing) itself, and what turns into it.
#[diagnostic::on_unimplemented(
    message = "`{H}` does not send `{Self}`",
    label = "not among its outgoing messages",
    note = "under `#[handler]` name a message that no method answers with: `#[handler(sends({Self}))]`",
    note = "in an `impl Handler` make it `type Outgoing`, or implement `From<{Self}>` for that"
)]
pub trait SentBy<H: Handler> {
    /// The message as the handler sends it.
    fn into_outgoing(self) -> H::Outgoing;
}

#[diagnostic::do_not_recommend]
impl<H: Handler, M: Into<H::Outgoing>> SentBy<H> for M {
    fn into_outgoing(self) -> H::Outgoing {
        self.into()
    }
}
