//! What an endpoint holds between two reads: the incomplete header, frame and message.

use crate::assembly::Assembly;
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

    pub(crate) fn clear(&mut self) {
        self.length = 0;
    }

    pub(crate) fn len(&self) -> usize {
        usize::from(self.length)
    }

    /// The spilled bytes with as many of `input` as a header may have, and how many that are in all.
    pub(crate) fn joined(&self, input: &[u8]) -> ([u8; HEADER_BYTES_MAX], usize) {
        let mut bytes = [0; HEADER_BYTES_MAX];
        let spilled = self.len();
        let added = input.len().min(HEADER_BYTES_MAX - spilled);
        bytes[..spilled].copy_from_slice(&self.bytes[..spilled]);
        bytes[spilled..spilled + added].copy_from_slice(&input[..added]);
        (bytes, spilled + added)
    }

    /// Keeps the beginning of a header, at most 13 bytes.
    pub(crate) fn keep(&mut self, bytes: &[u8]) {
        for (kept, byte) in self.bytes.iter_mut().zip(bytes) {
            *kept = *byte;
        }
        self.length = bytes.len().min(HEADER_BYTES_MAX - 1) as u8;
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

/// Boxed, because most connections most of the time wait between two whole messages and hold none of it.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    pub(crate) frame: Option<OpenFrame>,
    /// Payload of an open control frame, at most 125 bytes.
    pub(crate) control: Vec<u8>,
    pub(crate) message: Option<Assembly>,
}

impl Pending {
    pub(crate) fn is_empty(&self) -> bool {
        self.frame.is_none() && self.message.is_none()
    }
}
