//! Sockets: those that a shard watches itself, and what they have become ready for.

use std::io;
use std::task::{Context, Poll};

#[cfg(target_os = "linux")]
use crate::engine::shard::watch::Watch;
use crate::engine::transport::Transport;

/// What became possible on a socket since it was last told of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Readiness {
    pub(crate) slot: u32,
    pub(crate) readable: bool,
    pub(crate) writable: bool,
    /// The peer has ended its half, or the connection broke: the next read says which.
    pub(crate) over: bool,
}

/// The watch of one shard, made with the first socket; without one, and where there is none, everything is polled.
#[derive(Default)]
pub(crate) struct Sockets {
    #[cfg(target_os = "linux")]
    watch: Option<Watch>,
    pub(crate) ready: Vec<Readiness>,
}

impl Sockets {
    /// Watches a transport if it is a socket to watch; one that cannot be watched goes back to the runtime.
    ///
    /// # Errors
    /// When the runtime cannot have it either.
    #[cfg(target_os = "linux")]
    pub(crate) fn watch(&mut self, mut transport: Transport, slot: u32) -> io::Result<Transport> {
        if transport.is_polled() {
            return Ok(transport);
        }
        let watched = match &self.watch {
            Some(watch) => watch.add(&mut transport, slot),
            None => {
                Watch::new().and_then(|watch| self.watch.insert(watch).add(&mut transport, slot))
            }
        };
        if let Err(error) = watched {
            tracing::warn!(%error, "cannot watch a socket; it stays with the runtime");
            return transport.unwatched();
        }
        Ok(transport)
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn watch(&mut self, transport: Transport, _: u32) -> io::Result<Transport> {
        Ok(transport)
    }

    /// Fills `ready`; `Pending` when nothing is, and the waker of `cx` is then called.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        #[cfg(target_os = "linux")]
        if let Some(watch) = &mut self.watch {
            return watch.poll(cx, &mut self.ready);
        }
        let _ = cx;
        Poll::Pending
    }

    /// Fills `ready` with what is there already; true when that is anything.
    pub(crate) fn look(&mut self) -> bool {
        #[cfg(target_os = "linux")]
        if let Some(watch) = &mut self.watch {
            watch.look(&mut self.ready);
        }
        !self.ready.is_empty()
    }
}
