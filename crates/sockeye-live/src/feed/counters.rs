//! Counters: what a feed has done, for those who operate it and for tests.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a feed has done since it started.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    queries: AtomicU64,
    changes: AtomicU64,
    evaluations: AtomicU64,
    events: AtomicU64,
}

/// What live models have done on this node since they started, and who watches them now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LiveStats {
    /// Queries that looked for changes.
    pub queries: u64,
    /// Changes that were read.
    pub changes: u64,
    /// Looks at one change for one distinct view.
    pub evaluations: u64,
    /// Events that were published to a view's subscribers, each encoded once.
    pub events: u64,
    /// Distinct views that somebody watches.
    pub views: usize,
    /// Subscriptions.
    pub subscribers: usize,
    /// The place in the log up to which changes were handed out.
    pub position: i64,
}

impl Counters {
    pub(crate) fn queried(&self) {
        self.queries.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn changed(&self) {
        self.changes.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn evaluated(&self) {
        self.evaluations.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn told(&self) {
        self.events.fetch_add(1, Ordering::Relaxed);
    }

    /// Without what the streams know.
    pub(crate) fn read(&self) -> LiveStats {
        LiveStats {
            queries: self.queries.load(Ordering::Relaxed),
            changes: self.changes.load(Ordering::Relaxed),
            evaluations: self.evaluations.load(Ordering::Relaxed),
            events: self.events.load(Ordering::Relaxed),
            ..LiveStats::default()
        }
    }
}
