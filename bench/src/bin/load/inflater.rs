//! Inflater: reads compressed messages, each kind of bytes once, because a broadcast is the same for all its members.

use std::collections::VecDeque;

use bench::{Failure, Outcome};
use flate2::{Decompress, FlushDecompress, Status};

/// What ends the data of each message and is not sent with it (RFC 7692 section 7.2.1).
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];
/// Messages remembered: as many as the scenarios have under way.
const MESSAGES_MAX: usize = 64;

pub(crate) struct Inflater {
    decompress: Decompress,
    /// Compressed and plain bytes of the latest messages.
    known: VecDeque<(Vec<u8>, Vec<u8>)>,
    /// Compressed messages that came so far.
    pub(crate) messages: u64,
}

impl Inflater {
    pub(crate) fn new() -> Self {
        Self {
            decompress: Decompress::new(false),
            known: VecDeque::new(),
            messages: 0,
        }
    }

    /// The plain bytes of a message that refers to none before it, `limit` at most.
    pub(crate) fn inflate(&mut self, deflated: &[u8], limit: usize) -> Outcome<&[u8]> {
        self.messages += 1;
        let known = self.known.iter().position(|(from, _)| from == deflated);
        let at = match known {
            Some(at) => at,
            None => {
                let plain = self.decode(deflated, limit)?;
                self.known.truncate(MESSAGES_MAX - 1);
                self.known.push_front((deflated.to_vec(), plain));
                0
            }
        };
        Ok(&self.known[at].1)
    }

    fn decode(&mut self, deflated: &[u8], limit: usize) -> Outcome<Vec<u8>> {
        self.decompress.reset(false);
        let input = [deflated, &TAIL].concat();
        // One more than the limit, so that what is too long is seen.
        let mut plain = Vec::with_capacity(limit + 1);
        let status = self
            .decompress
            .decompress_vec(&input, &mut plain, FlushDecompress::Sync);
        let status = status.map_err(Failure::of("inflate a message"))?;
        let whole = self.decompress.total_in() == input.len() as u64 || status == Status::StreamEnd;
        if whole && plain.len() <= limit {
            return Ok(plain);
        }
        Err(Failure::new(format!(
            "a compressed message is longer than the {limit} bytes that were sent"
        )))
    }
}

#[cfg(test)]
mod tests {
    use flate2::{Compress, Compression, FlushCompress};

    use super::*;

    fn deflate(plain: &[u8]) -> Vec<u8> {
        let mut deflated = Vec::with_capacity(plain.len() + 64);
        let mut compress = Compress::new(Compression::new(6), false);
        compress
            .compress_vec(plain, &mut deflated, FlushCompress::Sync)
            .unwrap();
        assert!(deflated.ends_with(&TAIL));
        deflated.truncate(deflated.len() - TAIL.len());
        deflated
    }

    #[test]
    fn messages_are_inflated_each_by_itself_and_known_again() {
        let mut inflater = Inflater::new();
        for round in 0..2 {
            for number in 0..100 {
                let plain = format!("message {number}, message {number}");
                let deflated = deflate(plain.as_bytes());
                let found = inflater.inflate(&deflated, plain.len()).unwrap();
                assert_eq!(found, plain.as_bytes(), "round {round}");
            }
        }
        assert_eq!(inflater.messages, 200);
        assert_eq!(inflater.known.len(), MESSAGES_MAX);
    }

    #[test]
    fn what_is_broken_or_too_long_is_refused() {
        let mut inflater = Inflater::new();
        assert!(inflater.inflate(&[0xff, 0xff], 100).is_err());
        assert!(inflater.inflate(&deflate(&[b'x'; 1000]), 999).is_err());
        assert!(inflater.inflate(&deflate(&[b'x'; 1000]), 1000).is_ok());
    }
}
