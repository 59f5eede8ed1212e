//! The 2 to 14 bytes before a payload (RFC 6455 5.2).

use crate::error::ProtocolError;
use crate::mask::Key;
use crate::opcode::Opcode;

/// Longest header in bytes: two, eight of length, four of mask.
pub(crate) const HEADER_BYTES_MAX: usize = 14;

const FIN: u8 = 0x80;
const RSV1: u8 = 0x40;
const MASKED: u8 = 0x80;

/// A frame header that obeys every rule that needs no knowledge of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// Whether this is the last frame of its message.
    pub(crate) fin: bool,
    /// Whether the first reserved bit is set: "compressed" under permessage-deflate.
    pub(crate) rsv1: bool,
    pub(crate) opcode: Opcode,
    pub(crate) mask: Option<Key>,
    /// Declared payload length in bytes, below 2^63.
    pub(crate) length: u64,
}

impl Header {
    /// Reads a header from the start of `bytes`, with its own length in bytes; `None` when more bytes are needed.
    ///
    /// # Errors
    /// As soon as the bytes that break a rule are there: reserved bits 2 and 3, reserved opcodes, control frames that
    /// are long or fragmented, lengths that are not minimal or have the top bit set.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, ProtocolError> {
        let [first, second, rest @ ..] = bytes else {
            return Ok(None);
        };
        let opcode = check_first_two(*first, *second)?;
        let Some((length, length_bytes)) = read_length(second & 0x7f, rest)? else {
            return Ok(None);
        };
        let mask = if second & MASKED == 0 {
            None
        } else {
            match rest[length_bytes..].first_chunk() {
                Some(key) => Some(*key),
                None => return Ok(None),
            }
        };
        let header = Self {
            fin: first & FIN != 0,
            rsv1: first & RSV1 != 0,
            opcode,
            mask,
            length,
        };
        let size = 2 + length_bytes + mask.map_or(0, |key| key.len());
        Ok(Some((header, size)))
    }

    /// Appends the header to `out`.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let first =
            self.opcode.bits() | if self.fin { FIN } else { 0 } | if self.rsv1 { RSV1 } else { 0 };
        let masked = if self.mask.is_some() { MASKED } else { 0 };
        match (u8::try_from(self.length), u16::try_from(self.length)) {
            (Ok(length @ ..=125), _) => out.extend_from_slice(&[first, masked | length]),
            (_, Ok(length)) => {
                let [high, low] = length.to_be_bytes();
                out.extend_from_slice(&[first, masked | 126, high, low]);
            }
            _ => {
                out.extend_from_slice(&[first, masked | 127]);
                out.extend_from_slice(&self.length.to_be_bytes());
            }
        }
        if let Some(key) = self.mask {
            out.extend_from_slice(&key);
        }
    }
}

/// Checks what the first two bytes alone can break.
fn check_first_two(first: u8, second: u8) -> Result<Opcode, ProtocolError> {
    if first & 0x30 != 0 {
        return Err(ProtocolError::ReservedBits {
            bits: (first & 0x70) >> 4,
        });
    }
    let bits = first & 0x0f;
    let opcode = Opcode::from_bits(bits).ok_or(ProtocolError::ReservedOpcode { opcode: bits })?;
    if opcode.is_control() {
        if first & FIN == 0 {
            return Err(ProtocolError::ControlFragmented);
        }
        if second & 0x7f > 125 {
            return Err(ProtocolError::ControlTooLong);
        }
    }
    Ok(opcode)
}

/// Reads the payload length, and how many bytes it takes after the first two; `None` when more bytes are needed.
fn read_length(short: u8, rest: &[u8]) -> Result<Option<(u64, usize)>, ProtocolError> {
    let (length, least, size) = match short {
        126 => match rest.first_chunk::<2>() {
            Some(bytes) => (u64::from(u16::from_be_bytes(*bytes)), 126, 2),
            None => return Ok(None),
        },
        127 => match rest.first_chunk::<8>() {
            Some(bytes) => (u64::from_be_bytes(*bytes), 1 << 16, 8),
            None => return Ok(None),
        },
        _ => (u64::from(short), 0, 0),
    };
    if length >= 1 << 63 {
        return Err(ProtocolError::LengthTopBit);
    }
    if length < least {
        return Err(ProtocolError::NonMinimalLength { length });
    }
    Ok(Some((length, size)))
}

#[cfg(test)]
mod tests {
    use super::{HEADER_BYTES_MAX, Header};
    use crate::mask::Key;
    use crate::opcode::Opcode;

    #[test]
    fn every_length_form_reads_back_and_needs_all_its_bytes() {
        for length in [0, 1, 125, 126, 127, 65_535, 65_536, (1 << 63) - 1] {
            reads_back(length, None);
            reads_back(length, Some([1, 2, 3, 4]));
        }
    }

    fn reads_back(length: u64, mask: Option<Key>) {
        let header = Header {
            fin: true,
            rsv1: false,
            opcode: Opcode::Binary,
            mask,
            length,
        };
        let mut bytes = Vec::new();
        header.write(&mut bytes);
        assert!(bytes.len() <= HEADER_BYTES_MAX);
        for cut in 0..bytes.len() {
            assert_eq!(
                Header::parse(&bytes[..cut]),
                Ok(None),
                "{length} cut at {cut}"
            );
        }
        assert_eq!(Header::parse(&bytes), Ok(Some((header, bytes.len()))));
    }
}
