//! The framework over real sockets, one module per behaviour.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends where it fails"
)]

mod blocking;
mod contracts;
mod groups;
mod harness;
mod lifecycle;
mod logging;
mod messages;
mod overflow;
mod prompt;
mod sending;
mod serving;
mod settings;
mod smoke;
#[cfg(feature = "testing")]
mod testing_kit;
mod turns;
