//! Snapshots: how many rows may be in memory on their way to new subscribers.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Snapshots of full size that may be under way at once. Smaller ones are more: a client that takes its rows slowly keeps
/// room for those rows and no others.
const FULL: u64 = 64;

/// The room for rows of all models of a node.
#[derive(Clone, Debug)]
pub(crate) struct Snapshots {
    rows: u64,
    room: Arc<Semaphore>,
}

/// Room that is taken, until it is dropped.
#[derive(Debug)]
pub(crate) struct Room(OwnedSemaphorePermit);

impl Snapshots {
    /// For snapshots of at most `rows` rows.
    pub(crate) fn new(rows: u64) -> Self {
        let room = usize::try_from(rows.saturating_mul(FULL)).unwrap_or(usize::MAX);
        let room = Arc::new(Semaphore::new(room.min(Semaphore::MAX_PERMITS)));
        Self { rows, room }
    }

    /// Rows of one snapshot at most.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Waits for room for one snapshot of any size.
    ///
    /// # Cancel safety
    /// Dropped early, nothing is taken.
    pub(crate) async fn room(&self) -> Option<Room> {
        let rows = u32::try_from(self.rows).unwrap_or(u32::MAX);
        let taken = Arc::clone(&self.room).acquire_many_owned(rows).await;
        // It is never closed.
        taken.ok().map(Room)
    }
}

impl Room {
    /// Gives back what so many rows do not need.
    pub(crate) fn shrink_to(&mut self, rows: usize) {
        let excess = self.0.num_permits().saturating_sub(rows);
        drop(self.0.split(excess));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn small_snapshots_leave_room_for_others() {
        let snapshots = Snapshots::new(10);
        let mut taken = Vec::new();
        for _ in 0..64 {
            taken.push(snapshots.room().await.unwrap());
        }
        assert_eq!(snapshots.room.available_permits(), 0);
        taken[0].shrink_to(3);
        taken[1].shrink_to(0);
        taken[2].shrink_to(11);
        assert_eq!(snapshots.room.available_permits(), 17);
        taken.clear();
        assert_eq!(snapshots.room.available_permits(), 640);
    }
}
