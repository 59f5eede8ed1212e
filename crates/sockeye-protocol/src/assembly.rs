//! A message that arrives in several frames or several reads.

use crate::error::ProtocolError;
use crate::frame::Header;
use crate::limits::Limits;
use crate::opcode::Opcode;
use crate::utf8::GrowingText;

/// The message so far. Its memory grows with the bytes that arrived, never with a length that was declared.
#[derive(Debug)]
pub(crate) struct Assembly {
    body: Body,
    /// Sum of the declared lengths of its frames, in bytes.
    declared: usize,
    fragments: u32,
}

/// What arrived of a message, by what may be done with it already.
#[derive(Debug)]
pub(crate) enum Body {
    Text(GrowingText),
    Binary(Vec<u8>),
    /// Still compressed: inflating waits for the end of the message, so that what a peer makes us hold is what it
    /// sent and not a thousand times that.
    Deflated(Opcode, Vec<u8>),
}

impl Assembly {
    /// Begins the message of a first data frame whose `length` passed [`check_length`].
    pub(crate) fn begin(header: &Header, length: usize) -> Self {
        let body = match header.opcode {
            opcode if header.rsv1 => Body::Deflated(opcode, Vec::new()),
            Opcode::Text => Body::Text(GrowingText::default()),
            _ => Body::Binary(Vec::new()),
        };
        Self {
            body,
            declared: length,
            fragments: 1,
        }
    }

    /// Admits a further frame, before any of its payload is looked at.
    pub(crate) fn admit(&mut self, length: u64, limits: &Limits) -> Result<usize, ProtocolError> {
        if self.fragments >= limits.fragments {
            return Err(ProtocolError::TooManyFragments {
                limit: limits.fragments,
            });
        }
        let deflated = matches!(self.body, Body::Deflated(..));
        let length = check_length(length, self.declared, deflated, limits)?;
        self.declared += length;
        self.fragments += 1;
        Ok(length)
    }

    /// Takes the next bytes of payload, unmasked.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), ProtocolError> {
        match &mut self.body {
            Body::Text(text) => text.push(bytes)?,
            Body::Binary(whole) | Body::Deflated(_, whole) => whole.extend_from_slice(bytes),
        }
        Ok(())
    }

    /// How many bytes of memory it holds.
    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        match &self.body {
            Body::Text(text) => text.capacity(),
            Body::Binary(whole) | Body::Deflated(_, whole) => whole.capacity(),
        }
    }

    /// The message, once its last frame is complete.
    pub(crate) fn into_body(self) -> Body {
        self.body
    }
}

/// Checks a frame's declared length against the limits, `before` bytes of its message having been admitted already.
///
/// DEFLATE can make bytes longer by at most an eighth (a literal takes nine bits at worst), so a compressed message may
/// be that much over a limit which the inflated one keeps.
pub(crate) fn check_length(
    length: u64,
    before: usize,
    deflated: bool,
    limits: &Limits,
) -> Result<usize, ProtocolError> {
    let allow = |limit: usize| {
        let room = if deflated { limit / 8 + 64 } else { 0 };
        limit.saturating_add(room)
    };
    let limit = limits.frame_bytes;
    let length = usize::try_from(length)
        .ok()
        .filter(|&length| length <= allow(limit))
        .ok_or(ProtocolError::FrameTooLarge { length, limit })?;
    let limit = limits.message_bytes;
    match before.checked_add(length) {
        Some(total) if total <= allow(limit) => Ok(length),
        _ => Err(ProtocolError::MessageTooLarge { limit }),
    }
}
