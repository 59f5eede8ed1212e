//! A server frame built around a payload that is written straight into the buffer of the frame.

use crate::frame::Header;
use crate::opcode::Opcode;

/// Bytes to leave before the payload: the longest header without a mask.
pub const HEADER_ROOM: usize = 10;

/// Turns `out[start..]`, that is [`HEADER_ROOM`] bytes of any value and then a payload, into one plain server frame;
/// gives the length of its header. Costs one move of the payload, at most eight bytes to the left.
///
/// # Panics
/// When `out` has no [`HEADER_ROOM`] bytes from `start` on.
pub fn finish(opcode: Opcode, start: usize, out: &mut Vec<u8>) -> usize {
    let payload = start + HEADER_ROOM;
    let end = out.len();
    Header {
        fin: true,
        rsv1: false,
        opcode,
        mask: None,
        length: (end - payload) as u64,
    }
    .write(out);
    let header = out.len() - end;
    out.copy_within(end.., start);
    out.copy_within(payload..end, start + header);
    out.truncate(start + header + (end - payload));
    header
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
