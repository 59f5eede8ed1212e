//! Live models: REST and WebSocket per database table, and every change on every screen.

#![forbid(unsafe_code)]

mod error;

pub use error::{Error, ErrorKind, Result};
