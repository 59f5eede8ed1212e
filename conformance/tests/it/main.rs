//! The server with default options, attacked over plain TCP from outside its process.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends where it fails"
)]

mod frames;
mod harness;
mod idle;
mod safety;
mod wire;
