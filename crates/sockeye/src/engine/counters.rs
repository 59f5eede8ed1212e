//! Counters: what the engine owns right now, and the way to wait until it owns nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio::sync::Notify;

/// Figures of one engine, summed over its shards.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    connections: AtomicUsize,
    accepted: AtomicU64,
    polled: AtomicU64,
    blocked: AtomicU64,
    compressed: AtomicU64,
    dropped: AtomicU64,
    memberships: AtomicUsize,
    tasks: AtomicUsize,
    empty: Notify,
}

impl Counters {
    /// Connections that are open, ending, or in their handshake.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Acquire)
    }

    /// Connections taken in since the start.
    pub(crate) fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// Connections taken in since the start that no shard watches itself.
    pub(crate) fn polled(&self) -> u64 {
        self.polled.load(Ordering::Relaxed)
    }

    pub(crate) fn poll(&self) {
        self.polled.fetch_add(1, Ordering::Relaxed);
    }

    /// How often a handler was found that blocked its shard.
    pub(crate) fn blocked(&self) -> u64 {
        self.blocked.load(Ordering::Relaxed)
    }

    pub(crate) fn block(&self) {
        self.blocked.fetch_add(1, Ordering::Relaxed);
    }

    /// Messages that slow members of groups did not get.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    pub(crate) fn drop_messages(&self, count: u64) {
        self.dropped.fetch_add(count, Ordering::Relaxed);
    }

    /// Messages compressed since the start.
    pub(crate) fn compressed(&self) -> u64 {
        self.compressed.load(Ordering::Relaxed)
    }

    pub(crate) fn compress(&self, messages: u64) {
        self.compressed.fetch_add(messages, Ordering::Relaxed);
    }

    /// Memberships of all connections in all groups, those on their way in counted.
    pub(crate) fn memberships(&self) -> usize {
        self.memberships.load(Ordering::Acquire)
    }

    pub(crate) fn joined(&self) {
        self.memberships.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn left(&self) {
        self.memberships.fetch_sub(1, Ordering::AcqRel);
    }

    /// Tasks that belong to connections and are not gone yet.
    pub(crate) fn tasks(&self) -> usize {
        self.tasks.load(Ordering::Acquire)
    }

    /// Counts a task in.
    pub(crate) fn task(self: &Arc<Self>) -> Counted {
        self.tasks.fetch_add(1, Ordering::AcqRel);
        Counted(Arc::clone(self))
    }

    /// Counts a connection in, before a shard owns it: whoever waits for the end waits for it too.
    pub(crate) fn pass(self: &Arc<Self>) -> Pass {
        self.connections.fetch_add(1, Ordering::AcqRel);
        Pass(Some(Arc::clone(self)))
    }

    /// Counts a connection out.
    pub(crate) fn leave(&self) {
        if self.connections.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.empty.notify_waiters();
        }
    }

    pub(crate) fn accept(&self) {
        self.accepted.fetch_add(1, Ordering::Relaxed);
    }

    /// Waits until no connection is left.
    pub(crate) async fn emptied(&self) {
        loop {
            let empty = self.empty.notified();
            if self.connections() == 0 {
                return;
            }
            empty.await;
        }
    }
}

/// A connection's place in the count; dropping it gives the place up.
#[derive(Debug)]
pub(crate) struct Pass(Option<Arc<Counters>>);

impl Pass {
    /// Leaves the place to somebody who will call [`Counters::leave`].
    pub(crate) fn hand_over(mut self) {
        self.0 = None;
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if let Some(counters) = &self.0 {
            counters.leave();
        }
    }
}

/// A task's place in the count; dropping it gives the place up.
#[derive(Debug)]
pub(crate) struct Counted(Arc<Counters>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.tasks.fetch_sub(1, Ordering::AcqRel);
    }
}
