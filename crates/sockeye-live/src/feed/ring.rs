//! Ring: the latest changes of a resource, for subscribers who are on their way in.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::log::Change;

/// Changes that are kept: those of the time in which a snapshot is read and sent, with room to spare.
const CHANGES_MAX: usize = 4_096;

/// Their bytes, as the log holds them; the images in memory are of about that size.
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// Something that happened to a resource, in its place.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    Change(Arc<Change>),
    /// The rights of a user changed.
    Rights(Arc<str>),
    /// The table changed in a way that nobody can tell row by row.
    Reset,
}

/// What happened lately, oldest first.
#[derive(Debug)]
pub(crate) struct Ring {
    entries: VecDeque<(i64, usize, Entry)>,
    bytes: usize,
    /// All that came after this position is here.
    since: i64,
}

impl Ring {
    /// An empty one that knows of everything after `since`.
    pub(crate) fn new(since: i64) -> Self {
        Self {
            entries: VecDeque::new(),
            bytes: 0,
            since,
        }
    }

    /// Adds what happened at a position, which is higher than all before.
    pub(crate) fn push(&mut self, position: i64, bytes: usize, entry: Entry) {
        self.entries.push_back((position, bytes, entry));
        self.bytes += bytes;
        while self.entries.len() > CHANGES_MAX || self.bytes > BYTES_MAX {
            let Some((position, bytes, _)) = self.entries.pop_front() else {
                return;
            };
            self.since = position;
            self.bytes -= bytes;
        }
    }

    /// The entries after a position; `None` when some of them are gone.
    pub(crate) fn after(
        &self,
        position: i64,
    ) -> Option<impl Iterator<Item = &(i64, usize, Entry)>> {
        let first = self.entries.partition_point(|(at, ..)| *at <= position);
        (position >= self.since).then(|| self.entries.range(first..))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn positions(ring: &Ring, after: i64) -> Option<Vec<i64>> {
        Some(ring.after(after)?.map(|(position, ..)| *position).collect())
    }

    #[test]
    fn it_gives_what_came_after_a_position_as_long_as_it_has_all_of_that() {
        let mut ring = Ring::new(10);
        for position in [11, 12, 15] {
            ring.push(position, 1, Entry::Reset);
        }
        assert_eq!(positions(&ring, 9), None);
        assert_eq!(positions(&ring, 10), Some(vec![11, 12, 15]));
        assert_eq!(positions(&ring, 13), Some(vec![15]));
        assert_eq!(positions(&ring, 15), Some(vec![]));
    }

    #[test]
    fn it_forgets_the_oldest_by_number_and_by_bytes() {
        let mut ring = Ring::new(0);
        for position in 1..=5_000 {
            ring.push(position, 1, Entry::Reset);
        }
        assert_eq!(positions(&ring, 900), None);
        assert_eq!(positions(&ring, 904).map(|found| found.len()), Some(4_096));
        ring.push(5_001, BYTES_MAX, Entry::Reset);
        assert_eq!(positions(&ring, 5_000), Some(vec![5_001]));
        ring.push(5_002, BYTES_MAX + 1, Entry::Reset);
        assert_eq!(positions(&ring, 5_001), None);
        assert_eq!(positions(&ring, 5_002), Some(vec![]));
    }
}
