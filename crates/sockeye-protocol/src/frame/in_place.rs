//! A server frame built around a payload that is written straight into the buffer of the frame.

use crate::opcode::Opcode;

/// Bytes to leave before the payload: the header of a short message.
pub const HEADER_ROOM: usize = 2;

/// Turns `out[start..]`, that is [`HEADER_ROOM`] bytes of any value and then a payload, into one plain server frame;
/// gives the length of its header. Above 125 bytes it costs one move of the payload, at most eight bytes to the right.
///
/// # Panics
/// When `out` has no [`HEADER_ROOM`] bytes from `start` on.
#[inline]
pub fn finish(opcode: Opcode, start: usize, out: &mut Vec<u8>) -> usize {
    const FIN: u8 = 0x80;
    let length = out.len() - start - HEADER_ROOM;
    out[start] = FIN | opcode.bits();
    if length <= 125 {
        out[start + 1] = length as u8;
        return HEADER_ROOM;
    }
    lengthen(start + HEADER_ROOM, out)
}

/// Makes room for a longer length before a payload that begins at `payload`, and writes it.
fn lengthen(payload: usize, out: &mut Vec<u8>) -> usize {
    let end = out.len();
    let length = end - payload;
    let (short, long) = match u16::try_from(length) {
        Ok(_) => (126, 2),
        Err(_) => (127, 8),
    };
    out[payload - 1] = short;
    out.resize(end + long, 0);
    out.copy_within(payload..end, payload + long);
    out[payload..payload + long].copy_from_slice(&(length as u64).to_be_bytes()[8 - long..]);
    HEADER_ROOM + long
}

#[cfg(test)]
mod tests {
    use super::{HEADER_ROOM, finish};
    use crate::frame::append;
    use crate::opcode::Opcode;

    #[test]
    fn a_payload_written_in_place_gives_the_frame_that_append_gives() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let payload = vec![b'x'; length];
            let mut whole = vec![7];
            append(Opcode::Text, &payload, &mut whole);
            let mut out = vec![7];
            out.resize(1 + HEADER_ROOM, 0);
            out.extend_from_slice(&payload);
            let header = finish(Opcode::Text, 1, &mut out);
            assert_eq!((out, header), (whole.clone(), whole.len() - 1 - length));
        }
    }
}
