//! Memory that the endpoints of one thread share, because each needs it only while it is called.

use flate2::Compression;

use crate::deflate::{Compressor, Inflater};
use crate::error::ProtocolError;
use crate::mask::MaskSource;
use crate::short::Short;

/// Most bytes a buffer keeps between two messages. Covers nearly all traffic; beyond it the memory goes back.
const RETAINED_BYTES_MAX: usize = 64 * 1024;
/// Most encoders kept: one per window size and level in use, and more than a few are never in use at once.
const COMPRESSORS_MAX: usize = 4;

/// Codecs and buffers for any number of endpoints that are driven one after another: one per shard, task or test.
///
/// It has two halves, so that what was received through one can be answered through the other.
#[derive(Debug, Default)]
pub struct Workspace {
    /// What [`Endpoint::receive`](crate::Endpoint::receive) needs.
    pub inbound: Inbound,
    /// What [`Endpoint::send`](crate::Endpoint::send) and its like need.
    pub outbound: Outbound,
}

/// The receiving half of a [`Workspace`]: holds the last message that could not be read in place.
#[derive(Debug, Default)]
pub struct Inbound {
    pub(crate) text: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) short: Short,
    inflater: Option<Inflater>,
}

impl Inbound {
    /// Gives back what a large message made it hold.
    pub(crate) fn shrink(&mut self) {
        if self.text.capacity() > RETAINED_BYTES_MAX {
            self.text = String::new();
        }
        if self.bytes.capacity() > RETAINED_BYTES_MAX {
            self.bytes = Vec::new();
        }
    }

    /// Inflates a message into `bytes`, through `own` when the connection has a decoder of its own.
    pub(crate) fn inflate(
        &mut self,
        own: Option<&mut Inflater>,
        payload: &[u8],
        limit: usize,
    ) -> Result<(), ProtocolError> {
        match own {
            Some(inflater) => inflater.inflate_next(payload, &mut self.bytes, limit),
            None => {
                let inflater = self.inflater.get_or_insert_with(Inflater::new);
                inflater.inflate_alone(payload, &mut self.bytes, limit)
            }
        }
    }
}

/// The sending half of a [`Workspace`].
#[derive(Debug, Default)]
pub struct Outbound {
    pub(crate) masks: MaskSource,
    pub(crate) deflated: Vec<u8>,
    pub(crate) compressions: u64,
    compressors: Vec<Compressor>,
}

impl Outbound {
    /// How many messages were compressed here so far, those included that did not get shorter.
    #[must_use]
    pub const fn compressions(&self) -> u64 {
        self.compressions
    }

    /// Compresses a message that refers to none before it, for a window of 2^`window_bits` bytes: `None` when it does
    /// not get shorter.
    pub(crate) fn deflate(
        &mut self,
        payload: &[u8],
        window_bits: u8,
        compression: Compression,
    ) -> Option<&[u8]> {
        self.shrink();
        // No distance reaches back further than the message is long, so one encoder serves nearly all windows.
        let fits = payload.len() <= 1 << window_bits;
        let window_bits = if fits { 15 } else { window_bits };
        let at = self.compressor(window_bits, compression);
        let compressor = &mut self.compressors[at];
        compressor.reset();
        self.compressions += 1;
        compressor
            .compress(payload, &mut self.deflated)
            .then_some(&self.deflated)
    }

    /// Gives back what a large message made it hold.
    pub(crate) fn shrink(&mut self) {
        if self.deflated.capacity() > RETAINED_BYTES_MAX {
            self.deflated = Vec::new();
        }
    }

    /// The index of an encoder for these parameters, made in place of the oldest when there are too many.
    fn compressor(&mut self, window_bits: u8, compression: Compression) -> usize {
        let found = self
            .compressors
            .iter()
            .position(|one| one.is_for(window_bits, compression));
        found.unwrap_or_else(|| {
            if self.compressors.len() == COMPRESSORS_MAX {
                self.compressors.remove(0);
            }
            self.compressors
                .push(Compressor::new(window_bits, compression));
            self.compressors.len() - 1
        })
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;

    use super::{COMPRESSORS_MAX, Outbound, RETAINED_BYTES_MAX};

    #[test]
    fn one_encoder_serves_every_window_that_holds_the_message() {
        let (mut outbound, level) = (Outbound::default(), Compression::new(6));
        for bits in 9..=15 {
            outbound
                .deflate(&[0; 512], bits, level)
                .expect("it shrinks");
        }
        assert_eq!(outbound.compressors.len(), 1);
        outbound.deflate(&[0; 513], 9, level).expect("it shrinks");
        assert_eq!(outbound.compressors.len(), 2);
    }

    #[test]
    fn encoders_and_buffers_are_bounded() {
        let mut outbound = Outbound::default();
        for level in 1..=9 {
            outbound
                .deflate(&[0; 1 << 20], 15, Compression::new(level))
                .expect("it shrinks");
            assert!(outbound.compressors.len() <= COMPRESSORS_MAX);
        }
        outbound
            .deflate(&[0; 200], 15, Compression::new(9))
            .expect("it shrinks");
        assert!(outbound.deflated.capacity() <= RETAINED_BYTES_MAX);
    }
}
