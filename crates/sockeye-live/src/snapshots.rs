//! Snapshots: how much may be read, and be in memory, for new subscribers at once.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::error::{Error, ErrorKind, Result};

/// What one subscriber's rows, or the changes that it has missed, may take: more is for reading page by page.
pub(crate) const BYTES_MAX: usize = 16 * 1024 * 1024;

/// Those of this size that may be under way at once. Smaller ones are more: a client that takes its rows slowly keeps room
/// for those and no others.
const FULL: usize = 16;

/// Transactions that read for subscribers at once. Fewer than the connections of any pool, so that the feed and others get
/// theirs when all clients come back at the same time.
const TURNS: usize = 4;

/// How long a subscriber waits for its turn and for room, before it is asked to come again.
const PATIENCE: Duration = Duration::from_secs(10);

const KIB: usize = 1024;

/// The room of all models of a node.
#[derive(Clone, Debug)]
pub(crate) struct Snapshots {
    /// Rows of one snapshot at most.
    rows: u64,
    /// In KiB.
    room: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

/// Room that is taken, until it is dropped.
#[derive(Debug)]
pub(crate) struct Room(OwnedSemaphorePermit);

/// A turn to read, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn(#[expect(dead_code, reason = "held")] OwnedSemaphorePermit);

impl Snapshots {
    /// For snapshots of at most `rows` rows.
    pub(crate) fn new(rows: u64) -> Self {
        Self {
            rows,
            room: Arc::new(Semaphore::new(FULL * BYTES_MAX / KIB)),
            turns: Arc::new(Semaphore::new(TURNS)),
        }
    }

    /// Rows of one snapshot at most.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Waits for room for one snapshot of any size.
    ///
    /// # Errors
    /// `Busy` when there is none for ten seconds.
    ///
    /// # Cancel safety
    /// Dropped early, nothing is taken.
    pub(crate) async fn room(&self) -> Result<Room> {
        let whole = u32::try_from(BYTES_MAX / KIB).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room).acquire_many_owned(whole);
        in_time(room).await.map(Room)
    }

    /// Waits until few enough others read.
    ///
    /// # Errors
    /// As those of [`room`](Self::room).
    ///
    /// # Cancel safety
    /// Dropped early, nothing is taken.
    pub(crate) async fn turn(&self) -> Result<Turn> {
        in_time(Arc::clone(&self.turns).acquire_owned())
            .await
            .map(Turn)
    }
}

async fn in_time<T, E>(taken: impl Future<Output = Result<T, E>>) -> Result<T> {
    match timeout(PATIENCE, taken).await {
        Ok(Ok(taken)) => Ok(taken),
        Ok(Err(_)) | Err(_) => {
            let text = "cannot subscribe: too many others do at the moment; try again";
            Err(Error::new(ErrorKind::Busy, text))
        }
    }
}

impl Room {
    /// Gives back what so many bytes do not need.
    pub(crate) fn shrink_to(&mut self, bytes: usize) {
        let needed = bytes.div_ceil(KIB);
        let excess = self.0.num_permits().saturating_sub(needed);
        drop(self.0.split(excess));
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn small_snapshots_leave_room_for_others_and_large_ones_have_them_wait() {
        let snapshots = Snapshots::new(10);
        let mut taken = Vec::new();
        for _ in 0..FULL {
            taken.push(snapshots.room().await.unwrap());
        }
        assert!(snapshots.room().now_or_never().is_none());
        taken[0].shrink_to(3 * KIB - 1);
        assert!(snapshots.room().now_or_never().is_none());
        taken[1].shrink_to(0);
        let more = snapshots.room().await.unwrap();
        drop((more, taken));
        assert_eq!(snapshots.room.available_permits(), FULL * BYTES_MAX / KIB);
    }

    #[tokio::test]
    async fn a_few_read_at_once() {
        let snapshots = Snapshots::new(10);
        let mut turns = Vec::new();
        for _ in 0..TURNS {
            turns.push(snapshots.turn().await.unwrap());
        }
        assert!(snapshots.turn().now_or_never().is_none());
        turns.pop();
        snapshots.turn().await.unwrap();
    }
}
