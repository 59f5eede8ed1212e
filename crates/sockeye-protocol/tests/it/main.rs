//! What peers see of the protocol, through its public surface alone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod peer;
mod raw;

mod chopped;
mod defects;
mod deflate_limits;
mod extension_answer;
mod extension_offer;
mod handshake_client;
mod handshake_server;
mod oracle;
mod properties;
mod wire_close;
mod wire_frames;
mod wire_limits;
mod wire_messages;
