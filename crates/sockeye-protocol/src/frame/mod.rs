//! Frames encoded once for every connection: a server does not mask, so the same bytes serve all its peers.

mod header;
mod in_place;

use std::ops::Range;

use crate::deflate::DeflateConfig;
use crate::mask::{self, Key};
use crate::opcode::{MessageKind, Opcode};
use crate::workspace::Outbound;

pub(crate) use header::{HEADER_BYTES_MAX, Header};
pub use in_place::{HEADER_ROOM, finish};

/// Appends one whole server frame to `out`: `opcode` with `payload`, not masked, not compressed.
///
/// The caller keeps the rules of the opcode: text is UTF-8, control payloads have at most 125 bytes.
pub fn append(opcode: Opcode, payload: &[u8], out: &mut Vec<u8>) {
    debug_assert!(
        !opcode.is_control() || payload.len() <= 125,
        "a control payload has at most 125 bytes"
    );
    write(opcode, false, None, payload, out);
}

/// One whole server frame, as [`append`] writes it.
#[must_use]
pub fn encode(opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    append(opcode, payload, &mut out);
    out
}

/// One whole compressed server frame for peers that agreed to permessage-deflate: see
/// [`Endpoint::takes_shared_deflate`](crate::Endpoint::takes_shared_deflate) for which of them may get it.
///
/// `None` when `payload` is below the threshold of `config`, or would not shrink: the plain frame serves everyone.
#[must_use]
pub fn deflated(
    kind: MessageKind,
    payload: &[u8],
    config: &DeflateConfig,
    outbound: &mut Outbound,
) -> Option<Vec<u8>> {
    if payload.len() < config.threshold() {
        return None;
    }
    let smaller = outbound.deflate(payload, 15, config.compression())?;
    let mut out = Vec::new();
    write(kind.into(), true, None, smaller, &mut out);
    Some(out)
}

/// Appends one whole frame to `out`, `payload` masked where there is a `mask`.
pub(crate) fn write(
    opcode: Opcode,
    rsv1: bool,
    mask: Option<Key>,
    payload: &[u8],
    out: &mut Vec<u8>,
) {
    out.reserve(HEADER_BYTES_MAX + payload.len());
    let length = payload.len() as u64;
    Header {
        fin: true,
        rsv1,
        opcode,
        mask,
        length,
    }
    .write(out);
    let start = out.len();
    out.extend_from_slice(payload);
    if let Some(key) = mask {
        mask::apply(&mut out[start..], key);
    }
}

/// What the first frame of `bytes` is and where in them its payload lies, when it is a whole frame as [`append`] writes
/// it: for sending again, to one peer in another form, what was framed for all.
#[must_use]
pub fn parts(bytes: &[u8]) -> Option<(Opcode, Range<usize>)> {
    let (header, size) = Header::parse(bytes).ok()??;
    let end = size.checked_add(usize::try_from(header.length).ok()?)?;
    let plain = header.fin && !header.rsv1 && header.mask.is_none() && end <= bytes.len();
    plain.then_some((header.opcode, size..end))
}

#[cfg(test)]
mod tests {
    use super::{append, encode, parts};
    use crate::opcode::Opcode;

    #[test]
    fn parts_gives_back_what_was_encoded() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let payload = vec![b'x'; length];
            let mut bytes = encode(Opcode::Text, &payload);
            let whole = bytes.len();
            append(Opcode::Ping, b"next", &mut bytes);
            let (opcode, range) = parts(&bytes).unwrap();
            assert_eq!((opcode, &bytes[range]), (Opcode::Text, &payload[..]));
            assert_eq!(parts(&bytes[..whole - 1]), None, "cut frame of {length}");
        }
    }

    #[test]
    fn parts_knows_only_plain_frames() {
        for frame in [
            &b"\xc1\x00"[..],
            b"\x01\x00",
            b"\x81\x80\x00\x00\x00\x00",
            b"",
            b"\x81",
        ] {
            assert_eq!(parts(frame), None, "{frame:?}");
        }
    }
}
