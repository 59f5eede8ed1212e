//! Payloads into DEFLATE (RFC 7692 7.2.1).

use flate2::{Compress, Compression, FlushCompress};

/// What a sync flush ends with, which stays off the wire.
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// A DEFLATE encoder, some 320 KiB.
#[derive(Debug)]
pub(crate) struct Compressor {
    stream: Compress,
    window_bits: u8,
    level: u32,
}

impl Compressor {
    /// An encoder with a window of 2^`window_bits` bytes, 9 to 15.
    pub(crate) fn new(window_bits: u8, compression: Compression) -> Self {
        Self {
            stream: Compress::new_with_window_bits(compression, false, window_bits.clamp(9, 15)),
            window_bits,
            level: compression.level(),
        }
    }

    /// Whether it was made by `new` with these arguments.
    pub(crate) fn is_for(&self, window_bits: u8, compression: Compression) -> bool {
        (self.window_bits, self.level) == (window_bits, compression.level())
    }

    /// Forgets the messages before: the next one refers to none of them.
    pub(crate) fn reset(&mut self) {
        self.stream.reset();
    }

    /// Compresses one message into `out`, in place of what was there, and says whether that made it shorter.
    ///
    /// When it did not, the peer must get the plain message, and the encoder has forgotten what came before: it may not
    /// refer to bytes which the peer never inflated.
    pub(crate) fn compress(&mut self, payload: &[u8], out: &mut Vec<u8>) -> bool {
        out.clear();
        // A message that shrinks fits: no second round, and nothing is spent on one that does not.
        out.reserve(payload.len().saturating_add(TAIL.len() + 1));
        let before = self.stream.total_in();
        let status = self.stream.compress_vec(payload, out, FlushCompress::Sync);
        let read = self.stream.total_in() - before;
        // Room left over is how DEFLATE says that the flush is complete.
        let complete = status.is_ok() && read == payload.len() as u64 && out.len() < out.capacity();
        let shrank = complete && out.ends_with(&TAIL) && out.len() - TAIL.len() < payload.len();
        if shrank {
            out.truncate(out.len() - TAIL.len());
        } else {
            self.reset();
        }
        shrank
    }
}
