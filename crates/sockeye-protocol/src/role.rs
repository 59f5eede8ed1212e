//! Which side of the connection an endpoint speaks for.

/// One of the two sides of a WebSocket connection (RFC 6455 5.1: clients mask, servers do not).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Accepts connections: reads masked frames, writes unmasked ones.
    Server,
    /// Opens connections: reads unmasked frames, writes masked ones.
    Client,
}
