//! Live models: REST and WebSocket per database table, and every change on every screen.

#![forbid(unsafe_code)]

mod error;
#[allow(dead_code, reason = "its users land one after the other")]
mod row;
#[allow(dead_code, reason = "its users land one after the other")]
mod table;
#[allow(dead_code, reason = "its users land one after the other")]
mod value;

pub use error::{Error, ErrorKind, Result};
pub use table::Table;
