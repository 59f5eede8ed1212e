//! Reuse: `on_message` of one kind of handler, in memory that serves one message after another.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::handler::Handler;
use crate::handler::slot::{self, Held, Through};

/// A place for the future of `on_message`, whose type has no name, of any connection with this handler.
pub(crate) type MessageHook<H> = Box<dyn Reusable<H>>;

pub(crate) trait Reusable<H: Handler>: Send {
    /// Begins a message; the one before it is through.
    fn begin(
        &mut self,
        held: Held<H>,
        message: H::Incoming,
        cx: &mut Context<'_>,
    ) -> Poll<Through<H>>;

    /// Goes on with it.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Through<H>>;
}

/// An empty place.
pub(crate) fn message_hook<H: Handler>() -> MessageHook<H> {
    of(slot::handle::<H>)
}

fn of<H, M, F>(make: M) -> MessageHook<H>
where
    H: Handler,
    M: Fn(Held<H>, H::Incoming) -> F + Send + 'static,
    F: Future<Output = Through<H>> + Send + 'static,
{
    let future = Box::pin(None);
    Box::new(Reused { make, future })
}

struct Reused<M, F> {
    make: M,
    future: Pin<Box<Option<F>>>,
}

impl<H, M, F> Reusable<H> for Reused<M, F>
where
    H: Handler,
    M: Fn(Held<H>, H::Incoming) -> F + Send,
    F: Future<Output = Through<H>> + Send,
{
    fn begin(
        &mut self,
        held: Held<H>,
        message: H::Incoming,
        cx: &mut Context<'_>,
    ) -> Poll<Through<H>> {
        self.future.set(Some((self.make)(held, message)));
        Self::poll(self, cx)
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Through<H>> {
        let Some(future) = self.future.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        let polled = future.poll(cx);
        if polled.is_ready() {
            self.future.set(None);
        }
        polled
    }
}
