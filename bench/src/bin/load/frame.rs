//! Frames, as a client writes and reads them (RFC 6455 section 5.2).

use bench::{Failure, Outcome};

pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;

const FIN: u8 = 0x80;
const DEFLATED: u8 = 0x40;
const MASKED: u8 = 0x80;

/// One key for all: nothing here can be abused through a proxy, and servers unmask any key alike.
const KEY: [u8; 4] = [0x5a, 0xc3, 0x1e, 0x87];

/// A whole frame of a server.
#[derive(Debug, PartialEq)]
pub(crate) struct Frame<'a> {
    pub(crate) opcode: u8,
    pub(crate) deflated: bool,
    pub(crate) payload: &'a [u8],
}

/// Appends one masked frame; gives the place of its payload.
pub(crate) fn append(opcode: u8, payload: &[u8], out: &mut Vec<u8>) -> usize {
    out.push(FIN | opcode);
    match payload.len() {
        length @ 0..=125 => out.push(MASKED | length as u8),
        length @ 126..=0xffff => {
            out.push(MASKED | 126);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            out.push(MASKED | 127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&KEY);
    let start = out.len();
    out.extend_from_slice(payload);
    mask(&mut out[start..]);
    start
}

/// Masks what begins at a multiple of four in its payload.
pub(crate) fn mask(bytes: &mut [u8]) {
    for (byte, key) in bytes.iter_mut().zip(KEY.iter().cycle()) {
        *byte ^= key;
    }
}

/// Takes the first frame off `bytes`, or nothing while it is not whole.
///
/// # Errors
/// When the server closes, or sends what no server should or what this client did not ask for.
pub(crate) fn take<'a>(bytes: &mut &'a [u8]) -> Outcome<Option<Frame<'a>>> {
    let Some((range, first)) = measure(bytes)? else {
        return Ok(None);
    };
    let Some(payload) = bytes.get(range.clone()) else {
        return Ok(None);
    };
    *bytes = &bytes[range.end..];
    let opcode = first & 0x0f;
    if opcode == CLOSE {
        return Err(closed(payload));
    }
    if first & FIN == 0 || !matches!(opcode, TEXT | BINARY | PING | PONG) {
        let text =
            format!("the server sent a frame that begins with {first:#04x}, no whole message");
        return Err(Failure::new(text));
    }
    let deflated = first & DEFLATED != 0;
    Ok(Some(Frame {
        opcode,
        deflated,
        payload,
    }))
}

/// Where the payload of the first frame is, and the frame's first byte.
fn measure(bytes: &[u8]) -> Outcome<Option<(std::ops::Range<usize>, u8)>> {
    let [first, second, rest @ ..] = bytes else {
        return Ok(None);
    };
    if second & MASKED != 0 {
        return Err(Failure::new("the server sent a masked frame"));
    }
    let (start, length) = match (second, rest) {
        (126, [a, b, ..]) => (4, usize::from(u16::from_be_bytes([*a, *b]))),
        (127, [a, b, c, d, e, f, g, h, ..]) => {
            let length = u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]);
            (10, usize::try_from(length).unwrap_or(usize::MAX / 2))
        }
        (126 | 127, _) => return Ok(None),
        (length, _) => (2, usize::from(*length)),
    };
    Ok(Some((start..start.saturating_add(length), *first)))
}

fn closed(payload: &[u8]) -> Failure {
    let [a, b, reason @ ..] = payload else {
        return Failure::new("the server closed a connection without a code");
    };
    let code = u16::from_be_bytes([*a, *b]);
    let reason = String::from_utf8_lossy(reason);
    Failure::new(format!(
        "the server closed a connection with {code} `{reason}`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_server(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = Vec::new();
        let start = append(first, payload, &mut frame);
        mask(&mut frame[start..]);
        frame.drain(start - 4..start);
        frame[0] = first;
        frame[1] &= !MASKED;
        frame
    }

    #[test]
    fn frames_of_every_length_form_are_taken_when_they_are_whole() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let payload = vec![b'x'; length];
            let wire = from_server(FIN | BINARY, &payload);
            for cut in (0..wire.len()).step_by(wire.len() / 7 + 1) {
                assert_eq!(take(&mut &wire[..cut]).unwrap(), None);
            }
            let mut two: &[u8] = &[&wire[..], &[FIN | TEXT]].concat();
            let frame = take(&mut two).unwrap().unwrap();
            assert_eq!(
                (frame.opcode, frame.deflated, frame.payload),
                (BINARY, false, &payload[..])
            );
            assert_eq!(two, [FIN | TEXT]);
        }
    }

    #[test]
    fn what_no_server_should_send_is_refused() {
        let mut masked = Vec::new();
        append(TEXT, b"x", &mut masked);
        assert!(take(&mut &masked[..]).is_err());
        assert!(take(&mut &from_server(TEXT, b"x")[..]).is_err());
        assert!(take(&mut &from_server(FIN | 3, b"x")[..]).is_err());
    }

    #[test]
    fn a_close_is_told_with_its_code_and_reason() {
        let close = from_server(FIN | CLOSE, &[0x03, 0xf0, b'n', b'o']);
        let failure = take(&mut &close[..]).unwrap_err();
        assert_eq!(
            failure.to_string(),
            "the server closed a connection with 1008 `no`"
        );
    }
}
