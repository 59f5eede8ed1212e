//! What two peers agreed on.

use std::fmt;

use flate2::Compression;

use crate::deflate::config::DeflateConfig;
use crate::role::Role;

/// The parameters of permessage-deflate that hold for one connection, and how this side compresses under them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deflate {
    server: Direction,
    client: Direction,
    level: u8,
    /// Bytes and not a number, or its alignment would make every endpoint larger.
    threshold_bytes: [u8; 2],
}

/// How one of the peers compresses what it sends, in one byte, because every endpoint has two.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Direction(u8);

impl Direction {
    const TAKEOVER: u8 = 0x80;

    pub(crate) const fn new(takeover: bool, window_bits: u8) -> Self {
        Self(window_bits | if takeover { Self::TAKEOVER } else { 0 })
    }

    /// Whether a message may refer to the messages before it.
    pub(crate) const fn takeover(self) -> bool {
        self.0 & Self::TAKEOVER != 0
    }

    /// The window is 2^bits bytes, 8 to 15.
    pub(crate) const fn window_bits(self) -> u8 {
        self.0 & !Self::TAKEOVER
    }
}

impl fmt::Debug for Direction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Direction")
            .field("takeover", &self.takeover())
            .field("window_bits", &self.window_bits())
            .finish()
    }
}

impl Deflate {
    pub(crate) const fn new(server: Direction, client: Direction, config: &DeflateConfig) -> Self {
        Self {
            server,
            client,
            level: config.level,
            threshold_bytes: config.threshold_bytes.to_ne_bytes(),
        }
    }

    /// Whether the server may refer to earlier messages (no `server_no_context_takeover`).
    #[must_use]
    pub const fn server_context_takeover(&self) -> bool {
        self.server.takeover()
    }

    /// Whether the client may refer to earlier messages (no `client_no_context_takeover`).
    #[must_use]
    pub const fn client_context_takeover(&self) -> bool {
        self.client.takeover()
    }

    /// The most window bits the server compresses with.
    #[must_use]
    pub const fn server_max_window_bits(&self) -> u8 {
        self.server.window_bits()
    }

    /// The most window bits the client compresses with.
    #[must_use]
    pub const fn client_max_window_bits(&self) -> u8 {
        self.client.window_bits()
    }

    pub(crate) const fn sent_by(&self, role: Role) -> Direction {
        match role {
            Role::Server => self.server,
            Role::Client => self.client,
        }
    }

    pub(crate) const fn received_by(&self, role: Role) -> Direction {
        match role {
            Role::Server => self.client,
            Role::Client => self.server,
        }
    }

    pub(crate) fn threshold(&self) -> usize {
        usize::from(u16::from_ne_bytes(self.threshold_bytes))
    }

    pub(crate) fn compression(&self) -> Compression {
        Compression::new(u32::from(self.level))
    }
}
