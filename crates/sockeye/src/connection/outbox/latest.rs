//! Latest: where in an outbox the newest frame about each subject waits.

use std::collections::HashMap;
use std::sync::Arc;

use crate::connection::outbox::Chunk;

/// A group by its number, and what a message to it is about.
type Subject = (u64, Option<Arc<str>>);

/// The places of frames that newer ones may replace. Chunks are numbered in the order of the queue, so that a place
/// stays the same when others leave from the front.
#[derive(Debug, Default)]
pub(super) struct Latest {
    /// The number of the first chunk of the queue.
    first: u64,
    numbers: HashMap<Subject, u64>,
}

impl Latest {
    /// Notes the newest frame about its subject, at `place` in the queue.
    pub(super) fn note(&mut self, chunk: &Chunk, place: usize) {
        if let Some(subject) = subject(chunk) {
            self.numbers.insert(subject, self.first + place as u64);
        }
    }

    /// The place in the queue of what `chunk` may replace.
    pub(super) fn place(&self, chunk: &Chunk) -> Option<usize> {
        let number = self.numbers.get(&subject(chunk)?)?;
        usize::try_from(number - self.first).ok()
    }

    /// Follows the removal of `chunk`, before which those of `before` stand: each of them is one nearer to the end of
    /// those that are gone.
    pub(super) fn removed<'a>(
        &mut self,
        chunk: &Chunk,
        before: impl ExactSizeIterator<Item = &'a Chunk>,
    ) {
        let number = self.first + before.len() as u64;
        if let Some(subject) = subject(chunk)
            && self.numbers.get(&subject) == Some(&number)
        {
            self.numbers.remove(&subject);
        }
        for (number, chunk) in (self.first..).zip(before) {
            let noted = subject(chunk).and_then(|subject| self.numbers.get_mut(&subject));
            if let Some(noted) = noted.filter(|noted| **noted == number) {
                *noted += 1;
            }
        }
        self.first += 1;
    }
}

fn subject(chunk: &Chunk) -> Option<Subject> {
    match chunk {
        Chunk::Droppable(frame, _, group) => Some((*group, frame.key().cloned())),
        Chunk::Own(_) | Chunk::Shared(..) => None,
    }
}
