//! A server frame built around a payload that is written straight into the buffer of the frame.

use crate::opcode::Opcode;

/// Bytes to leave before the payload: the header of a short message.
pub const HEADER_ROOM: usize = 2;

/// Turns `out[start..]`, that is [`HEADER_ROOM`] bytes of any value and then a payload, into one plain server frame;
/// gives the length of its header. Above 125 bytes it costs one move of the payload, at most eight bytes to the right.
///
/// # Panics
/// When `out` has no [`HEADER_ROOM`] bytes from `start` on.
pub fn finish(opcode: Opcode, start: usize, out: &mut Vec<u8>) -> usize {
    const FIN: u8 = 0x80;
    let payload = start + HEADER_ROOM..out.len();
    let (short, long) = match payload.len() {
        length @ ..=125 => (length as u8, 0),
        length if length <= usize::from(u16::MAX) => (126, 2),
        _ => (127, 8),
    };
    let header = &mut out[start..payload.start];
    header[0] = FIN | opcode.bits();
    header[1] = short;
    if long > 0 {
        let length = (payload.len() as u64).to_be_bytes();
        out.resize(payload.end + long, 0);
        out.copy_within(payload.clone(), payload.start + long);
        out[payload.start..payload.start + long].copy_from_slice(&length[8 - long..]);
    }
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
