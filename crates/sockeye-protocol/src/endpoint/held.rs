//! What an endpoint holds at times only: an incomplete header, frame or message, and codecs with a context.

use std::mem;

use crate::assembly::Assembly;
use crate::deflate::{Compressor, Inflater};
use crate::error::ProtocolError;
use crate::frame::{HEADER_BYTES_MAX, Header};
use crate::mask::{self, Key};

/// The first bytes of a header whose rest has not arrived. One byte less than the longest header, or it were whole.
#[derive(Debug, Default)]
pub(crate) struct Spill {
    bytes: [u8; HEADER_BYTES_MAX - 1],
    length: u8,
}

impl Spill {
    pub(crate) const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Keeps the beginning of a header, at most 13 bytes.
    pub(crate) fn keep(&mut self, bytes: &[u8]) {
        for (kept, byte) in self.bytes.iter_mut().zip(bytes) {
            *kept = *byte;
        }
        self.length = bytes.len().min(HEADER_BYTES_MAX - 1) as u8;
    }

    /// Takes the rest of the header off `rest`; `None` when it is still incomplete.
    pub(crate) fn complete(
        &mut self,
        rest: &mut &mut [u8],
    ) -> Result<Option<Header>, ProtocolError> {
        let mut bytes = [0; HEADER_BYTES_MAX];
        let spilled = usize::from(self.length);
        let length = spilled + rest.len().min(HEADER_BYTES_MAX - spilled);
        bytes[..spilled].copy_from_slice(&self.bytes[..spilled]);
        bytes[spilled..length].copy_from_slice(&rest[..length - spilled]);
        let Some((header, size)) = Header::parse(&bytes[..length])? else {
            debug_assert!(
                length < HEADER_BYTES_MAX,
                "as many bytes are a whole header"
            );
            self.keep(&bytes[..length]);
            *rest = &mut [];
            return Ok(None);
        };
        self.length = 0;
        *rest = &mut mem::take(rest)[size - spilled..];
        Ok(Some(header))
    }
}

/// A frame whose header was admitted.
#[derive(Debug)]
pub(crate) struct OpenFrame {
    pub(crate) header: Header,
    /// Bytes of payload that have not arrived.
    pub(crate) remaining: usize,
    key: Option<Key>,
}

impl OpenFrame {
    pub(crate) fn new(header: Header, length: usize) -> Self {
        Self {
            header,
            remaining: length,
            key: header.mask,
        }
    }

    /// Takes the next bytes of the payload and unmasks them in place.
    pub(crate) fn take(&mut self, payload: &mut [u8]) {
        if let Some(key) = self.key {
            mask::apply(payload, key);
            self.key = Some(mask::advance(key, payload.len()));
        }
        self.remaining -= payload.len();
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.remaining == 0
    }
}

/// What most connections do without most of the time, as they wait between two whole messages: boxed, it costs them a
/// word.
#[derive(Debug, Default)]
pub(crate) struct Held {
    pub(crate) spill: Spill,
    pub(crate) frame: Option<OpenFrame>,
    /// Payload of an open control frame, at most 125 bytes.
    pub(crate) control: Vec<u8>,
    pub(crate) message: Option<Assembly>,
    /// Boxed again, or each incomplete header would take room for it.
    contexts: Option<Box<Contexts>>,
}

/// The codecs of a connection that agreed to context takeover, made when first needed.
#[derive(Debug, Default)]
pub(crate) struct Contexts {
    pub(crate) compressor: Option<Compressor>,
    pub(crate) inflater: Option<Inflater>,
}

impl Held {
    pub(crate) fn contexts(&mut self) -> &mut Contexts {
        self.contexts.get_or_insert_default()
    }

    /// Whether something has arrived in part.
    pub(crate) fn is_incomplete(&self) -> bool {
        !self.spill.is_empty() || self.frame.is_some() || self.message.is_some()
    }

    /// Whether it holds nothing, and may go.
    pub(crate) fn is_empty(&self) -> bool {
        !self.is_incomplete() && self.contexts.is_none()
    }
}
