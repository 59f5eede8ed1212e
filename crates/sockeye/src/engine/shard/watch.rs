//! Watch: a shard's own epoll over the sockets that it has taken out of the runtime.
//!
//! The runtime knows of one descriptor per shard: the epoll itself, which is readable when any of its sockets is
//! ready. A socket costs no registration, task or timer in the runtime.

use std::io;
use std::task::{Context, Poll};
use std::time::Duration;

use mio::event::Event;
use mio::{Events, Interest, Token};
use tokio::io::unix::AsyncFd;

use crate::engine::shard::sockets::Readiness;
use crate::engine::transport::Transport;

/// Sockets told of at once; more stay in the kernel's list for the next look.
const EVENTS_MAX: usize = 1024;

pub(crate) struct Watch {
    poll: AsyncFd<mio::Poll>,
    events: Events,
}

impl Watch {
    /// A watch over nothing yet. Must run inside a tokio runtime with IO.
    ///
    /// # Errors
    /// When there is no descriptor left for it.
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            poll: registered(mio::Poll::new()?)?,
            events: Events::with_capacity(EVENTS_MAX),
        })
    }

    /// Watches a socket, edge by edge; what it is ready for already is told first. Dropping the socket ends it.
    ///
    /// # Errors
    /// When the kernel's limit of watches is reached.
    pub(crate) fn add(&self, transport: &mut Transport, slot: u32) -> io::Result<()> {
        let Transport::Watched(stream) = transport else {
            return Ok(());
        };
        let both = Interest::READABLE | Interest::WRITABLE;
        let registry = self.poll.get_ref().registry();
        registry.register(stream, Token(slot as usize), both)
    }

    /// Appends what has become ready to `ready`. `Pending` when nothing has; the waker of `cx` is then called.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, ready: &mut Vec<Readiness>) -> Poll<()> {
        let Poll::Ready(Ok(mut guard)) = self.poll.poll_read_ready_mut(cx) else {
            return Poll::Pending;
        };
        let found = guard
            .get_inner_mut()
            .poll(&mut self.events, Some(Duration::ZERO));
        if found.is_ok() && self.events.iter().count() < EVENTS_MAX {
            guard.clear_ready();
        }
        ready.extend(self.events.iter().map(Readiness::from));
        Poll::Ready(())
    }

    /// The same without a word to the runtime, for a look in between.
    pub(crate) fn look(&mut self, ready: &mut Vec<Readiness>) {
        let found = self
            .poll
            .get_mut()
            .poll(&mut self.events, Some(Duration::ZERO));
        if found.is_ok() {
            ready.extend(self.events.iter().map(Readiness::from));
        }
    }
}

impl From<&Event> for Readiness {
    fn from(event: &Event) -> Self {
        Self {
            slot: u32::try_from(event.token().0).unwrap_or(u32::MAX),
            readable: event.is_readable(),
            writable: event.is_writable(),
            over: event.is_read_closed() || event.is_error(),
        }
    }
}

#[expect(
    unsafe_code,
    reason = "tokio has no safe way to await a descriptor of another make"
)]
fn registered(poll: mio::Poll) -> io::Result<AsyncFd<mio::Poll>> {
    // SAFETY: `AsyncFd` asks that the descriptor stays open and the same until it is deregistered. It belongs to this
    // `mio::Poll`, which keeps it from its creation to its drop; the `AsyncFd` owns the `mio::Poll`, deregisters before
    // it drops it, and nothing here takes it out or puts another in its place.
    let registered =
        unsafe { AsyncFd::register_with_interest(poll, tokio::io::Interest::READABLE) };
    registered.map_err(|failed| failed.into_parts().1)
}
