//! Outbox: the bytes that wait for one peer to read them, in order, counted.

use std::collections::VecDeque;
use std::io::IoSlice;

use crate::connection::Frame;

/// A run of whole frames on its way out.
#[derive(Debug)]
pub(crate) enum Chunk {
    /// Frames of this connection alone.
    Own(Vec<u8>),
    /// A frame that many outboxes share; compressed when the flag says so.
    Shared(Frame, bool),
}

impl Chunk {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Own(bytes) => bytes,
            Self::Shared(frame, deflated) => frame.wire(*deflated),
        }
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
}

/// What a chunk costs besides its bytes: its place here, and the frame around it once nobody else holds it.
const CHUNK_COST: usize = 128;

impl Outbox {
    pub(crate) fn push(&mut self, chunk: Chunk) {
        let len = chunk.bytes().len();
        if len > 0 {
            let queue = self.0.get_or_insert_default();
            queue.bytes += len;
            queue.chunks.push_back(chunk);
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
            if queue.chunks.is_empty() {
                self.0 = None;
            }
        }
    }

    /// Drops what has not begun to leave; the rest of a chunk that has is kept, because the peer is inside it.
    pub(crate) fn drop_unsent(&mut self) {
        match &mut self.0 {
            Some(queue) if queue.sent > 0 => {
                queue.chunks.truncate(1);
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
            self.chunks.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(text: &str) -> Chunk {
        Chunk::Own(text.as_bytes().to_vec())
    }

    #[test]
    fn short_writes_keep_the_order_and_the_count() {
        let mut outbox = Outbox::default();
        outbox.push(own("abc"));
        outbox.push(own("defg"));
        outbox.advance(2);
        assert_eq!((outbox.first(), outbox.len()), (&b"c"[..], 5));
        outbox.advance(2);
        assert_eq!((outbox.first(), outbox.len()), (&b"efg"[..], 3));
        outbox.advance(3);
        assert!(outbox.is_empty() && outbox.first().is_empty());
    }

    #[test]
    fn dropping_the_unsent_keeps_the_chunk_the_peer_is_inside_of() {
        let mut outbox = Outbox::default();
        outbox.push(own("abc"));
        outbox.push(own("defg"));
        outbox.advance(1);
        outbox.drop_unsent();
        assert_eq!((outbox.first(), outbox.len()), (&b"bc"[..], 2));
    }

    #[test]
    fn slices_and_gather_agree() {
        let mut outbox = Outbox::default();
        for text in ["abc", "d", "ef"] {
            outbox.push(own(text));
        }
        outbox.advance(1);
        let mut slices = [IoSlice::new(&[]); 8];
        let used = outbox.slices(&mut slices);
        let mut gathered = Vec::new();
        outbox.gather(&mut gathered, usize::MAX);
        let joined: Vec<u8> = slices[..used].iter().flat_map(|s| s.to_vec()).collect();
        assert_eq!((joined, gathered), (b"bcdef".to_vec(), b"bcdef".to_vec()));
        for bytes_max in 0..=5 {
            let mut part = Vec::new();
            outbox.gather(&mut part, bytes_max);
            assert_eq!(part, b"bcdef"[..bytes_max]);
        }
    }
}
