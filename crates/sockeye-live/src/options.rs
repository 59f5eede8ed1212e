//! LiveOptions: limits and times of all live models of a program.

use std::time::Duration;

use crate::error::{Error, ErrorKind, Result};

/// What a database can be asked all the time.
const POLL_MIN: Duration = Duration::from_millis(10);

/// More than the bytes of a snapshot have room for.
const SNAPSHOT_ROWS_MAX: u64 = 10_000_000;

/// Limits and times of all live models of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LiveOptions {
    /// How often the log of changes is read although nobody says that something was written: what other processes write is
    /// seen after this at most, on PostgreSQL at once. 500 ms: one cheap query.
    pub poll: Duration,
    /// How long changes stay in the log, for clients that resume and for nodes that were away. 1 hour.
    pub retention: Duration,
    /// Rows of a snapshot at most, besides that it has at most 16 MiB: it is in memory until it is sent. 10,000.
    pub snapshot_rows: u64,
}

impl LiveOptions {
    /// # Errors
    /// `Configuration` for what cannot work.
    pub(crate) fn check(&self) -> Result<()> {
        let wrong = |what: &str, found: String, expected: &str| {
            let text = format!("cannot start: {what} is {found}, expected {expected}");
            Err(Error::new(ErrorKind::Configuration, text))
        };
        if self.poll < POLL_MIN {
            return wrong("poll", format!("{:?}", self.poll), "10 ms or more");
        }
        if !(1..=SNAPSHOT_ROWS_MAX).contains(&self.snapshot_rows) {
            let expected = format!("1 to {SNAPSHOT_ROWS_MAX}");
            return wrong("snapshot_rows", self.snapshot_rows.to_string(), &expected);
        }
        Ok(())
    }
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
