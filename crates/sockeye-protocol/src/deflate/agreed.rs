//! What two peers agreed on.

use flate2::Compression;

use crate::role::Role;

/// The parameters of permessage-deflate that hold for one connection, and how this side compresses under them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deflate {
    pub(crate) server: Direction,
    pub(crate) client: Direction,
    pub(crate) level: u8,
    pub(crate) threshold_bytes: u16,
}

/// How one of the peers compresses what it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Direction {
    /// Whether a message may refer to the messages before it.
    pub(crate) takeover: bool,
    /// The window is 2^bits bytes, 8 to 15.
    pub(crate) window_bits: u8,
}

impl Deflate {
    /// Whether the server may refer to earlier messages (no `server_no_context_takeover`).
    #[must_use]
    pub const fn server_context_takeover(&self) -> bool {
        self.server.takeover
    }

    /// Whether the client may refer to earlier messages (no `client_no_context_takeover`).
    #[must_use]
    pub const fn client_context_takeover(&self) -> bool {
        self.client.takeover
    }

    /// The most window bits the server compresses with.
    #[must_use]
    pub const fn server_max_window_bits(&self) -> u8 {
        self.server.window_bits
    }

    /// The most window bits the client compresses with.
    #[must_use]
    pub const fn client_max_window_bits(&self) -> u8 {
        self.client.window_bits
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
        usize::from(self.threshold_bytes)
    }

    pub(crate) fn compression(&self) -> Compression {
        Compression::new(u32::from(self.level))
    }
}
