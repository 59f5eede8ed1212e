//! Groups across nodes over real Redis servers, which end, hang, refuse and come back.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails with what it did not expect, and tells figures"
)]

mod access;
mod chaos;
mod cluster;
mod exchange;
mod harness;
mod outages;
mod sentinel;
mod strangers;
mod suite;
#[cfg(feature = "tls")]
mod tls;
mod turn;
