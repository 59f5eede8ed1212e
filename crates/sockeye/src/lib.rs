//! The realtime framework for Rust.
