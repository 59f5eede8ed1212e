//! Lifecycle: what the engine knows of a handler, whatever its kind.

use std::any::Any;
use std::sync::Arc;
use std::task::Context;

use crate::connection::{Disconnect, Frame};
use crate::message::Payload;

/// The moments of one connection's handler. Nothing here blocks or awaits: a call starts work, [`poll`] drives it.
///
/// The engine calls `connect` at most once, then `message`, `gap` and `event` only after `poll` said [`Progress::Ready`], then
/// `disconnect` once, at any time; it polls until [`Progress::Finished`].
///
/// [`poll`]: Lifecycle::poll
pub(crate) trait Lifecycle: Send {
    /// The path of the handler's type or of its function, for the log.
    fn name(&self) -> &'static str;

    /// Starts what runs before the first message. Not called for a connection that ends on arrival: its handler then
    /// hears of nothing.
    fn connect(&mut self);

    /// Takes one message, and drives what it starts as [`poll`](Lifecycle::poll) does.
    fn message(
        &mut self,
        payload: Payload<'_>,
        cx: &mut Context<'_>,
        spare: &mut Spare,
    ) -> Progress;

    /// Tells that `messages` of the topic of that name were dropped on their way to the peer. Polled afterwards.
    fn gap(&mut self, topic: &Arc<str>, messages: u64);

    /// Tells what was published to the handlers of the topic of that name. Polled afterwards.
    fn event(&mut self, topic: &Arc<str>, frame: Frame);

    /// Tells the end. What runs may finish; then the handler hears of it.
    fn disconnect(&mut self, disconnect: Disconnect);

    /// Drops what runs at its await point, if it is such a hook: it took too long, or the server stops at once.
    fn cancel(&mut self, hook: Hook);

    /// Drives what runs. Panics of the handler end here.
    fn poll(&mut self, cx: &mut Context<'_>) -> Progress;

    /// Whether it wants to hear of messages that were sent to its client alone.
    fn logs_sent(&self) -> bool {
        false
    }

    /// Tells of one, right before it leaves.
    fn sent(&self, payload: Payload<'_>) {
        let _ = payload;
    }
}

/// Memory of a hook that is through, for the next one of the same kind: a shard lends it to whichever handler has a
/// message, so that a hook which does not wait allocates nothing.
#[derive(Default)]
pub(crate) struct Spare(Option<Box<dyn Any + Send>>);

impl Spare {
    /// What was left, if it is of this kind.
    pub(crate) fn take<T: Send + 'static>(&mut self) -> Option<Box<T>> {
        self.0.take()?.downcast().ok()
    }

    pub(crate) fn leave<T: Send + 'static>(&mut self, memory: Box<T>) {
        self.0 = Some(memory);
    }
}

/// How far a handler is.
#[derive(Debug)]
pub(crate) enum Progress {
    /// Nothing runs: a message may come.
    Ready,
    /// No message may come, and no timeout runs against that.
    Full,
    /// A hook runs, against its timeout.
    Busy(Hook),
    /// The connection must end so; poll again.
    End(Box<Disconnect>),
    /// The handler has heard of the end and nothing of it runs any more.
    Finished,
}

impl Progress {
    pub(crate) fn end(disconnect: Disconnect) -> Self {
        Self::End(Box::new(disconnect))
    }
}

/// Which timeout a running hook is under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hook {
    /// `on_connect` and `on_message`.
    Message,
    /// Whatever keeps a function from taking one of the messages that fill its mailbox.
    Pickup,
    /// `on_disconnect`, or a function handler after the end.
    Disconnect,
    /// What belongs to the connection: its tasks end, what was put off is done.
    Finish,
}
