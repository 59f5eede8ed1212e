//! DEFLATE into payloads (RFC 7692 7.2.2), never beyond a limit.

use flate2::{Decompress, FlushDecompress, Status};

use crate::error::ProtocolError;

/// What the sender took off the end of the message.
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];
/// An empty last block: a stream that is between two blocks ends here, any other does not.
const LAST_BLOCK: [u8; 2] = [0x03, 0x00];
/// How many streams one message may consist of. Encoders end one per message if they end any; each end costs a reset.
const STREAM_ENDS_MAX: u32 = 64;
/// First step of a growing output: most compressed messages that browsers send inflate to less.
const GROWTH_BYTES_MIN: usize = 4096;

/// A DEFLATE decoder, some 50 KiB. Its window is always the largest, which reads what any smaller one wrote.
#[derive(Debug)]
pub(crate) struct Inflater {
    stream: Decompress,
}

impl Inflater {
    pub(crate) fn new() -> Self {
        Self {
            stream: Decompress::new_with_window_bits(false, 15),
        }
    }

    /// Inflates a message that refers to none before it.
    ///
    /// # Errors
    /// As [`Inflater::inflate_next`]; besides, for a message that stops inside a block.
    pub(crate) fn inflate_alone(
        &mut self,
        payload: &[u8],
        out: &mut Vec<u8>,
        limit: usize,
    ) -> Result<(), ProtocolError> {
        self.stream.reset(false);
        self.inflate_next(payload, out, limit)?;
        let mut message = Message {
            out,
            limit,
            stream_ends: 0,
        };
        if payload.is_empty() || message.feed(&mut self.stream, &LAST_BLOCK)? {
            Ok(())
        } else {
            Err(ProtocolError::InvalidDeflate)
        }
    }

    /// Inflates a message that may refer to those before it into `out`, in place of what was there.
    ///
    /// # Errors
    /// When the bytes are not DEFLATE, or as soon as `out` has more than `limit` bytes.
    pub(crate) fn inflate_next(
        &mut self,
        payload: &[u8],
        out: &mut Vec<u8>,
        limit: usize,
    ) -> Result<(), ProtocolError> {
        out.clear();
        let mut message = Message {
            out,
            limit,
            stream_ends: 0,
        };
        // Some senders leave out even the one byte of an empty message, and some the one after a last block.
        if !payload.is_empty() && !message.feed(&mut self.stream, payload)? {
            message.feed(&mut self.stream, &TAIL)?;
        }
        Ok(())
    }
}

/// One message on its way out of a stream.
struct Message<'a> {
    out: &'a mut Vec<u8>,
    limit: usize,
    stream_ends: u32,
}

/// What made the decoder stop.
enum Stop {
    /// The output had no room left.
    Full,
    /// The input was used up.
    Starved,
    /// A block marked as the last was complete.
    StreamEnd,
}

impl Message<'_> {
    /// Takes all of `input`, and says whether its last byte was the end of a stream.
    fn feed(&mut self, stream: &mut Decompress, mut input: &[u8]) -> Result<bool, ProtocolError> {
        loop {
            let (read, stop) = self.step(stream, input)?;
            input = &input[read..];
            match stop {
                Stop::StreamEnd if input.is_empty() => return Ok(true),
                Stop::Starved if input.is_empty() => return Ok(false),
                Stop::Starved => return Err(ProtocolError::InvalidDeflate),
                Stop::StreamEnd | Stop::Full => {}
            }
        }
    }

    /// Inflates until something stops it, and says how much of `input` that took.
    fn step(
        &mut self,
        stream: &mut Decompress,
        input: &[u8],
    ) -> Result<(usize, Stop), ProtocolError> {
        self.make_room();
        let before = stream.total_in();
        let outcome = stream.decompress_vec(input, self.out, FlushDecompress::Sync);
        let read = (stream.total_in() - before) as usize;
        // Looked at first: what comes after the limit must not matter, however much room there happened to be.
        if self.out.len() > self.limit {
            return Err(ProtocolError::MessageTooLarge { limit: self.limit });
        }
        let status = outcome.map_err(|_| ProtocolError::InvalidDeflate)?;
        let stop = if status == Status::StreamEnd {
            self.restart(stream)?;
            Stop::StreamEnd
        } else if self.out.len() == self.out.capacity() {
            Stop::Full
        } else {
            Stop::Starved
        };
        Ok((read, stop))
    }

    /// Makes room for at least one byte, doubling, and at most one beyond the limit.
    fn make_room(&mut self) {
        let length = self.out.len();
        if length == self.out.capacity() {
            let left = self.limit.saturating_sub(length).saturating_add(1);
            self.out
                .reserve_exact(length.max(GROWTH_BYTES_MIN).min(left));
        }
    }

    /// Begins the next stream after a block that was marked as the last (RFC 7692 7.2.3.4).
    fn restart(&mut self, stream: &mut Decompress) -> Result<(), ProtocolError> {
        self.stream_ends += 1;
        if self.stream_ends > STREAM_ENDS_MAX {
            return Err(ProtocolError::InvalidDeflate);
        }
        stream.reset(false);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use flate2::{Compress, Compression, FlushCompress};

    use super::Inflater;
    use crate::error::ProtocolError;

    fn deflated(payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(payload.len() + 100);
        let mut stream = Compress::new(Compression::best(), false);
        stream
            .compress_vec(payload, &mut out, FlushCompress::Sync)
            .unwrap();
        out.truncate(out.len() - 4);
        out
    }

    #[test]
    fn what_comes_after_the_limit_does_not_matter() {
        let mut message = deflated(&[7; 1000]);
        message.extend_from_slice(&[0xff; 20]);
        let error = Err(ProtocolError::MessageTooLarge { limit: 600 });
        for room in [0, 601, 4096] {
            let mut out = Vec::with_capacity(room);
            let outcome = Inflater::new().inflate_alone(&message, &mut out, 600);
            assert_eq!(outcome, error, "room for {room}");
        }
    }

    #[test]
    fn a_bomb_costs_no_more_than_the_limit() {
        let bomb = deflated(&vec![0; 10 << 20]);
        let (mut inflater, mut out) = (Inflater::new(), Vec::new());
        for limit in [0, 1, 1000, 100_000] {
            let mut fresh = Vec::new();
            let error = Err(ProtocolError::MessageTooLarge { limit });
            assert_eq!(inflater.inflate_alone(&bomb, &mut fresh, limit), error);
            assert!(
                fresh.capacity() <= limit + 8,
                "{} bytes for {limit}",
                fresh.capacity()
            );
            assert_eq!(
                inflater.inflate_alone(&bomb, &mut out, limit),
                error,
                "into a used buffer"
            );
        }
    }

    #[test]
    fn a_message_after_a_broken_one_is_read_as_if_it_were_the_first() {
        let (mut inflater, mut out) = (Inflater::new(), Vec::new());
        let good = deflated(b"good");
        for broken in [&b"\x07"[..], b"\xf2\x48\xcd", b"\x00\x0a\x00\xf5\xff"] {
            assert_eq!(
                inflater.inflate_alone(broken, &mut out, 100),
                Err(ProtocolError::InvalidDeflate)
            );
            inflater.inflate_alone(&good, &mut out, 100).unwrap();
            assert_eq!(out, b"good");
        }
    }
}
