//! Isolation: a panic in application code ends one connection and nothing else.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::connection::{Cause, Disconnect};
use crate::error::Error;
use crate::id::ConnectionId;

/// Application code on its way, owned and of any shape: an async block of ours around it. One that is through, or has
/// panicked, holds nothing of the application any more, so that its drop needs no guard.
pub(crate) type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A panic that was caught; its text is for the log alone.
pub(crate) struct Panicked(Box<dyn Any + Send>);

impl Panicked {
    pub(crate) fn text(&self) -> &str {
        let text = self.0.downcast_ref::<&str>().copied();
        text.or_else(|| self.0.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("no text")
    }
}

/// Runs code that may panic. What it leaves half-done is its own: it is never called again after a panic, but for
/// `on_disconnect`.
pub(crate) fn isolate<T>(code: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(code)).map_err(Panicked)
}

/// Polls `work` and lets go of it when it is through or has panicked.
pub(crate) fn poll_isolated<T>(
    work: &mut Option<Work<T>>,
    cx: &mut Context<'_>,
) -> Poll<Result<T, Panicked>> {
    let Some(running) = work else {
        return Poll::Pending;
    };
    let outcome = match isolate(|| running.as_mut().poll(cx)) {
        Ok(Poll::Pending) => return Poll::Pending,
        Ok(Poll::Ready(value)) => Ok(value),
        Err(panicked) => Err(panicked),
    };
    *work = None;
    Poll::Ready(outcome)
}

/// How a connection ends whose handler failed with `error`. How that shows itself, and how it goes, is code of the
/// application too.
pub(crate) fn failed(connection: ConnectionId, error: Error) -> Disconnect {
    let judged = isolate(move || {
        tracing::error!(%connection, ?error, "a handler failed");
        Disconnect::failed(&error)
    });
    judged.unwrap_or_else(|_| Disconnect::because(Cause::HandlerPanicked))
}

/// Drops work at the point where it is.
pub(crate) fn drop_isolated<T>(work: Work<T>) -> Result<(), Panicked> {
    isolate(|| drop(work))
}
