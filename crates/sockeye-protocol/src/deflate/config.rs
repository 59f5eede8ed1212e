//! What one side wishes of permessage-deflate.

use flate2::Compression;

/// How to compress, and what to ask of the peer. The default costs no memory per connection.
///
/// | setting | default | reason |
/// |---|---|---|
/// | context takeover, both ways | no | a context is some 320 KiB to send and 50 KiB to receive; without, all connections of a thread share one |
/// | window bits, both ways | 15 | a smaller window only saves memory where contexts are taken over |
/// | level | 6 | what zlib itself takes; a broadcast is compressed once for all its receivers |
/// | threshold | 128 bytes | below it the gain is less than the header of the packet that carries it |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct DeflateConfig {
    pub(crate) server_context_takeover: bool,
    pub(crate) client_context_takeover: bool,
    pub(crate) server_max_window_bits: u8,
    pub(crate) client_max_window_bits: u8,
    pub(crate) level: u8,
    pub(crate) threshold_bytes: u16,
}

impl Default for DeflateConfig {
    fn default() -> Self {
        Self {
            server_context_takeover: false,
            client_context_takeover: false,
            server_max_window_bits: 15,
            client_max_window_bits: 15,
            level: 6,
            threshold_bytes: 128,
        }
    }
}

impl DeflateConfig {
    /// Lets the server compress a message in the light of those it sent before. Smaller messages, and some 320 KiB per
    /// connection on the server from the first compressed one; shared compressed frames are no longer possible.
    #[must_use]
    pub const fn server_context_takeover(mut self, allow: bool) -> Self {
        self.server_context_takeover = allow;
        self
    }

    /// Lets the client compress a message in the light of those it sent before. Some 50 KiB per connection on the
    /// server from the first compressed one.
    #[must_use]
    pub const fn client_context_takeover(mut self, allow: bool) -> Self {
        self.client_context_takeover = allow;
        self
    }

    /// The most window bits the server compresses with, 9 to 15.
    ///
    /// # Panics
    /// On any other number; 8 is legal in RFC 7692 but no DEFLATE encoder here can keep it.
    #[must_use]
    #[track_caller]
    pub const fn server_max_window_bits(mut self, bits: u8) -> Self {
        assert!(matches!(bits, 9..=15), "window bits are 9 to 15");
        self.server_max_window_bits = bits;
        self
    }

    /// The most window bits the client compresses with, 9 to 15; a server asks it of clients that say they can.
    ///
    /// # Panics
    /// On any other number.
    #[must_use]
    #[track_caller]
    pub const fn client_max_window_bits(mut self, bits: u8) -> Self {
        assert!(matches!(bits, 9..=15), "window bits are 9 to 15");
        self.client_max_window_bits = bits;
        self
    }

    /// How hard to compress, 1 (fast) to 9 (small).
    ///
    /// # Panics
    /// On any other number.
    #[must_use]
    #[track_caller]
    pub const fn level(mut self, level: u8) -> Self {
        assert!(matches!(level, 1..=9), "compression levels are 1 to 9");
        self.level = level;
        self
    }

    /// Shortest payload in bytes that is worth compressing.
    #[must_use]
    pub const fn threshold_bytes(mut self, bytes: u16) -> Self {
        self.threshold_bytes = bytes;
        self
    }

    pub(crate) fn threshold(&self) -> usize {
        usize::from(self.threshold_bytes)
    }

    pub(crate) fn compression(&self) -> Compression {
        Compression::new(u32::from(self.level))
    }
}
