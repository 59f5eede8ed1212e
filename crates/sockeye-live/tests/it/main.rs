//! Live models over real sockets and real HTTP, on SQLite and on PostgreSQL.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that finds something else than it expects fails"
)]

#[cfg(feature = "postgres")]
mod foreign;
mod harness;
mod interleavings;
mod pylight;
mod rest;
mod stream;
