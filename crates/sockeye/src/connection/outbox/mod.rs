//! Outbox: the bytes that wait for one peer to read them, in order, counted.

mod latest;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::io::IoSlice;

use crate::connection::Frame;
use crate::connection::outbox::latest::Latest;

/// A run of whole frames on its way out.
#[derive(Debug)]
pub(crate) enum Chunk {
    /// Frames of this connection alone.
    Own(Vec<u8>),
    /// A frame that many outboxes share; compressed when the flag says so.
    Shared(Frame, bool),
    /// The same of a group whose messages may be dropped for newer ones: that of this number.
    Droppable(Frame, bool, u64),
}

impl Chunk {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Own(bytes) => bytes,
            Self::Shared(frame, deflated) | Self::Droppable(frame, deflated, _) => {
                frame.wire(*deflated)
            }
        }
    }

    fn is_droppable(&self, of: u64) -> bool {
        matches!(self, Self::Droppable(_, _, group) if *group == of)
    }
}

/// A queue of chunks, one word while nothing waits. The first chunk may be partly written; nothing else is ever split,
/// so the peer always sees whole frames.
#[derive(Debug, Default)]
pub(crate) struct Outbox(Option<Box<Queue>>);

#[derive(Debug, Default)]
struct Queue {
    chunks: VecDeque<Chunk>,
    /// How much of the first chunk has left.
    sent: usize,
    bytes: usize,
    /// Only once something was queued that may be replaced.
    latest: Option<Box<Latest>>,
}

/// What a chunk costs besides its bytes: its place here, and the frame around it once nobody else holds it.
pub(crate) const CHUNK_COST: usize = 128;

impl Outbox {
    pub(crate) fn push(&mut self, chunk: Chunk) {
        let len = chunk.bytes().len();
        if len > 0 {
            let queue = self.0.get_or_insert_default();
            queue.bytes += len;
            queue.chunks.push_back(chunk);
        }
    }

    /// Queues a frame that newer ones about the same subject may replace.
    pub(crate) fn push_replaceable(&mut self, chunk: Chunk) {
        let queue = self.0.get_or_insert_default();
        let latest = queue.latest.get_or_insert_default();
        latest.note(&chunk, queue.chunks.len());
        self.push(chunk);
    }

    /// Puts a frame into the place of the one that waits about the same subject; gives it back when none does, or the
    /// peer is inside of that.
    pub(crate) fn replace(&mut self, chunk: Chunk) -> Result<(), Chunk> {
        match &mut self.0 {
            Some(queue) => queue.replace(chunk),
            None => Err(chunk),
        }
    }

    /// Drops the oldest frame of a group, unless the peer is inside of it; false when there is none.
    pub(crate) fn drop_oldest(&mut self, group: u64) -> bool {
        let dropped = self
            .0
            .as_mut()
            .is_some_and(|queue| queue.drop_oldest(group));
        self.let_go();
        dropped
    }

    /// Gives the queue's memory back once nothing waits.
    fn let_go(&mut self) {
        if self.0.as_ref().is_some_and(|queue| queue.chunks.is_empty()) {
            self.0 = None;
        }
    }

    /// Bytes not yet written.
    pub(crate) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |queue| queue.bytes)
    }

    /// What it costs to keep all that waits.
    pub(crate) fn cost(&self) -> usize {
        self.len() + self.chunks() * CHUNK_COST
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// How many chunks wait.
    pub(crate) fn chunks(&self) -> usize {
        self.0.as_ref().map_or(0, |queue| queue.chunks.len())
    }

    /// The unwritten bytes of the first chunk.
    pub(crate) fn first(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], |queue| queue.first())
    }

    /// The unwritten bytes of each chunk in order.
    fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        let queue = self.0.as_deref();
        let rest = queue
            .into_iter()
            .flat_map(|queue| queue.chunks.iter().skip(1));
        queue
            .map(Queue::first)
            .into_iter()
            .chain(rest.map(Chunk::bytes))
    }

    /// Appends what waits to `out`, from the front and up to `bytes_max` bytes.
    pub(crate) fn gather(&self, out: &mut Vec<u8>, bytes_max: usize) {
        let mut room = bytes_max;
        for bytes in self.pieces() {
            let taken = bytes.len().min(room);
            out.extend_from_slice(&bytes[..taken]);
            room -= taken;
            if room == 0 {
                return;
            }
        }
    }

    /// Fills `slices` from the front and says how many were used.
    pub(crate) fn slices<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let mut used = 0;
        for (slice, bytes) in slices.iter_mut().zip(self.pieces()) {
            *slice = IoSlice::new(bytes);
            used += 1;
        }
        used
    }

    /// Forgets the first `written` bytes.
    pub(crate) fn advance(&mut self, written: usize) {
        if let Some(queue) = &mut self.0 {
            queue.advance(written);
        }
        self.let_go();
    }

    /// Drops what has not begun to leave; the rest of a chunk that has is kept, because the peer is inside it.
    pub(crate) fn drop_unsent(&mut self) {
        match &mut self.0 {
            Some(queue) if queue.sent > 0 => {
                queue.chunks.truncate(1);
                queue.latest = None;
                queue.bytes = queue.first().len();
            }
            queue => *queue = None,
        }
    }

    /// Drops everything: the peer cannot be reached any more.
    pub(crate) fn clear(&mut self) {
        self.0 = None;
    }
}

impl Queue {
    fn first(&self) -> &[u8] {
        self.chunks
            .front()
            .map_or(&[], |chunk| &chunk.bytes()[self.sent..])
    }

    fn advance(&mut self, mut written: usize) {
        self.bytes -= written;
        while written > 0 {
            let left = self.first().len();
            if written < left {
                self.sent += written;
                return;
            }
            written -= left;
            self.sent = 0;
            self.remove(0);
        }
    }

    fn remove(&mut self, place: usize) -> Option<Chunk> {
        let chunk = self.chunks.remove(place)?;
        if let Some(latest) = &mut self.latest {
            latest.removed(&chunk, self.chunks.range(..place));
        }
        Some(chunk)
    }

    /// The first place that the peer is not inside of.
    fn unsent(&self) -> usize {
        usize::from(self.sent > 0)
    }

    fn replace(&mut self, chunk: Chunk) -> Result<(), Chunk> {
        let place = self.latest.as_ref().and_then(|latest| latest.place(&chunk));
        let Some(place) = place.filter(|place| *place >= self.unsent()) else {
            return Err(chunk);
        };
        self.bytes = self.bytes - self.chunks[place].bytes().len() + chunk.bytes().len();
        self.chunks[place] = chunk;
        Ok(())
    }

    fn drop_oldest(&mut self, group: u64) -> bool {
        let unsent = self.unsent();
        let mut droppable = self.chunks.range(unsent..);
        let place = droppable.position(|chunk| chunk.is_droppable(group));
        let dropped = place.and_then(|place| self.remove(unsent + place));
        self.bytes -= dropped.as_ref().map_or(0, |chunk| chunk.bytes().len());
        dropped.is_some()
    }
}
