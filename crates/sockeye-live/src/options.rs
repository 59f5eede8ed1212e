//! LiveOptions: limits and times of all live models of a program.

use std::time::Duration;

/// Limits and times of all live models of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LiveOptions {
    /// How often the log of changes is read although nobody says that something was written: what other processes write is
    /// seen after this at most, on PostgreSQL at once. 500 ms: one cheap query.
    pub poll: Duration,
    /// How long changes stay in the log, for clients that resume and for nodes that were away. 1 hour.
    pub retention: Duration,
    /// Rows of a snapshot at most, which are in memory at once until they are sent. 10,000.
    pub snapshot_rows: u64,
}

impl Default for LiveOptions {
    fn default() -> Self {
        Self {
            poll: Duration::from_millis(500),
            retention: Duration::from_secs(3600),
            snapshot_rows: 10_000,
        }
    }
}
