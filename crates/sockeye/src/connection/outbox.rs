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

/// A queue of chunks. The first one may be partly written; nothing else is ever split, so the peer always sees
/// whole frames.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    chunks: VecDeque<Chunk>,
    /// How much of the first chunk has left.
    sent: usize,
    bytes: usize,
}

/// What a chunk costs besides its bytes: its place here, and the frame around it once nobody else holds it.
const CHUNK_COST: usize = 128;

/// Chunks kept room for when the queue runs empty: a fan-out to a peer that keeps up allocates nothing.
const KEPT_CHUNKS: usize = 16;

impl Outbox {
    pub(crate) fn push(&mut self, chunk: Chunk) {
        let len = chunk.bytes().len();
        if len > 0 {
            self.bytes += len;
            self.chunks.push_back(chunk);
        }
    }

    /// Bytes not yet written.
    pub(crate) fn len(&self) -> usize {
        self.bytes
    }

    /// What it costs to keep all that waits.
    pub(crate) fn cost(&self) -> usize {
        self.bytes + self.chunks.len() * CHUNK_COST
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// The unwritten bytes of the first chunk.
    pub(crate) fn first(&self) -> &[u8] {
        self.chunks
            .front()
            .map_or(&[], |chunk| &chunk.bytes()[self.sent..])
    }

    /// How many chunks wait.
    pub(crate) fn chunks(&self) -> usize {
        self.chunks.len()
    }

    /// Appends what waits to `out`, from the front and up to `bytes_max` bytes.
    pub(crate) fn gather(&self, out: &mut Vec<u8>, bytes_max: usize) {
        let rest = self.chunks.iter().skip(1).map(Chunk::bytes);
        let mut room = bytes_max;
        for bytes in std::iter::once(self.first()).chain(rest) {
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
        let rest = self.chunks.iter().skip(1).map(Chunk::bytes);
        for (slice, bytes) in slices
            .iter_mut()
            .zip(std::iter::once(self.first()).chain(rest))
        {
            *slice = IoSlice::new(bytes);
            used += 1;
        }
        used
    }

    /// Forgets the first `written` bytes; buffers that come free go to `spare`.
    pub(crate) fn advance(&mut self, mut written: usize, mut spare: impl FnMut(Vec<u8>)) {
        self.bytes -= written;
        while written > 0 {
            let left = self.first().len();
            if written < left {
                self.sent += written;
                return;
            }
            written -= left;
            self.sent = 0;
            if let Some(Chunk::Own(buffer)) = self.chunks.pop_front() {
                spare(buffer);
            }
        }
        if self.chunks.is_empty() && self.chunks.capacity() > KEPT_CHUNKS {
            self.chunks = VecDeque::new();
        }
    }

    /// Drops what has not begun to leave; the rest of a chunk that has is kept, because the peer is inside it.
    pub(crate) fn drop_unsent(&mut self) {
        self.chunks.truncate(usize::from(self.sent > 0));
        self.bytes = self.first().len();
    }

    /// Drops everything: the peer cannot be reached any more.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
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
        outbox.advance(2, drop);
        assert_eq!((outbox.first(), outbox.len()), (&b"c"[..], 5));
        outbox.advance(2, drop);
        assert_eq!((outbox.first(), outbox.len()), (&b"efg"[..], 3));
        outbox.advance(3, drop);
        assert!(outbox.is_empty() && outbox.first().is_empty());
    }

    #[test]
    fn dropping_the_unsent_keeps_the_chunk_the_peer_is_inside_of() {
        let mut outbox = Outbox::default();
        outbox.push(own("abc"));
        outbox.push(own("defg"));
        outbox.advance(1, drop);
        outbox.drop_unsent();
        assert_eq!((outbox.first(), outbox.len()), (&b"bc"[..], 2));
    }

    #[test]
    fn slices_and_gather_agree() {
        let mut outbox = Outbox::default();
        for text in ["abc", "d", "ef"] {
            outbox.push(own(text));
        }
        outbox.advance(1, drop);
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
