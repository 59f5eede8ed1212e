//! Short: the payload of a short message, unmasked into aligned memory of its own.

use crate::error::ProtocolError;
use crate::mask::Key;

/// Most bytes of payload: all that a header of two bytes can tell.
pub(crate) const SHORT_BYTES_MAX: usize = 125;

/// The standard library checks UTF-8 by blocks of this many bytes where they are aligned, and byte by byte elsewhere.
const BLOCK: usize = 16;

const BLOCKS: usize = SHORT_BYTES_MAX.div_ceil(BLOCK);

/// Short payloads lie anywhere among their neighbours; here one begins and ends with a block, filled up with zeros, which
/// are text as well. Checking it takes a third of the instructions then.
#[derive(Debug, Default)]
#[repr(align(16))]
pub(crate) struct Short([[u8; BLOCK]; BLOCKS]);

impl Short {
    /// Takes in a masked payload of at most [`SHORT_BYTES_MAX`] bytes.
    pub(crate) fn unmask(&mut self, payload: &[u8], key: Key) {
        match payload.len() {
            ..=32 => self.unmask_blocks::<2>(payload, key),
            _ => self.unmask_blocks::<BLOCKS>(payload, key),
        }
    }

    /// The same by a number of blocks that the compiler knows.
    fn unmask_blocks<const COUNT: usize>(&mut self, payload: &[u8], key: Key) {
        // Byte by byte as it says, by whole vectors as it is compiled.
        let wide: [u8; BLOCK] = std::array::from_fn(|at| key[at % 4]);
        // What is not payload unmasks to zero.
        let mut masked = [wide; COUNT];
        masked.as_flattened_mut()[..payload.len()].copy_from_slice(payload);
        for (plain, masked) in self.0.iter_mut().zip(masked) {
            *plain = std::array::from_fn(|at| masked[at] ^ wide[at]);
        }
    }

    /// The first `length` bytes, which are those of the payload.
    pub(crate) fn bytes(&self, length: usize) -> &[u8] {
        &self.0.as_flattened()[..length]
    }

    /// The same as text.
    ///
    /// # Errors
    /// When they are no UTF-8.
    pub(crate) fn text(&self, length: usize) -> Result<&str, ProtocolError> {
        let blocks = self.bytes(length.next_multiple_of(BLOCK));
        let text = str::from_utf8(blocks).ok();
        // No character goes on into the zeros: one that is cut at the end has failed.
        let text = text.and_then(|text| text.get(..length));
        text.ok_or(ProtocolError::InvalidUtf8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(plain: &[u8]) -> Option<String> {
        let key = [0x91, 0x22, 0x44, 0x88];
        let masked = plain.iter().zip(key.iter().cycle());
        let masked: Vec<u8> = masked.map(|(byte, key)| byte ^ key).collect();
        let mut short = Short([[0xff; BLOCK]; BLOCKS]);
        short.unmask(&masked, key);
        assert_eq!(short.bytes(plain.len()), plain);
        short.text(plain.len()).ok().map(str::to_owned)
    }

    #[test]
    fn texts_of_every_length_are_what_the_standard_library_says() {
        let sample = "plain, κόσμε – 𝄞 😀 ".repeat(8);
        for length in 0..=SHORT_BYTES_MAX {
            for start in 0..24 {
                let bytes = &sample.as_bytes()[start..start + length];
                let expected = str::from_utf8(bytes).ok().map(str::to_owned);
                assert_eq!(text(bytes), expected, "{bytes:?}");
            }
        }
    }
}
