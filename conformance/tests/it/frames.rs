//! Frames as a client writes them, right and wrong.

pub(crate) const TEXT: u8 = 0x81;
pub(crate) const BINARY: u8 = 0x82;
pub(crate) const CLOSE: u8 = 0x88;
pub(crate) const PING: u8 = 0x89;
pub(crate) const PONG: u8 = 0x8a;
/// The second bytes of a frame's mask bit.
pub(crate) const MASKED: u8 = 0x80;

const KEY: [u8; 4] = [0x12, 0x34, 0x56, 0x78];

/// A whole masked frame; `first` is its first byte, flags and opcode.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = header(first, MASKED, payload.len() as u64);
    frame.extend(KEY);
    frame.extend(masked(payload));
    frame
}

/// The same without a mask, as only servers may write.
pub(crate) fn unmasked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = header(first, 0, payload.len() as u64);
    frame.extend(payload);
    frame
}

/// The beginning of a masked frame that declares `length` bytes and brings only `payload`.
pub(crate) fn declared(first: u8, length: u64, payload: &[u8]) -> Vec<u8> {
    let mut frame = header(first, MASKED, length);
    frame.extend(KEY);
    frame.extend(masked(payload));
    frame
}

pub(crate) fn text(text: &str) -> Vec<u8> {
    frame(TEXT, text.as_bytes())
}

pub(crate) fn binary(payload: &[u8]) -> Vec<u8> {
    frame(BINARY, payload)
}

pub(crate) fn ping(payload: &[u8]) -> Vec<u8> {
    frame(PING, payload)
}

/// A close frame with a code and a reason.
pub(crate) fn close(code: u16, reason: &str) -> Vec<u8> {
    frame(CLOSE, &[&code.to_be_bytes(), reason.as_bytes()].concat())
}

fn header(first: u8, masked: u8, length: u64) -> Vec<u8> {
    let mut header = vec![first];
    match length {
        0..=125 => header.push(masked | length as u8),
        126..=65_535 => {
            header.push(masked | 126);
            header.extend((length as u16).to_be_bytes());
        }
        _ => {
            header.push(masked | 127);
            header.extend(length.to_be_bytes());
        }
    }
    header
}

fn masked(payload: &[u8]) -> impl Iterator<Item = u8> {
    payload
        .iter()
        .zip(KEY.iter().cycle())
        .map(|(byte, key)| byte ^ key)
}

/// The code in the payload of a close frame, if it has one.
pub(crate) fn code_of(close: &[u8]) -> Option<u16> {
    close.first_chunk().map(|code| u16::from_be_bytes(*code))
}
