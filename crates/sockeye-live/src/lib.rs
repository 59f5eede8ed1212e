//! Live models: REST and WebSocket per database table, and every change on every screen.

#![forbid(unsafe_code)]

mod connect;
#[allow(dead_code, reason = "its users land one after the other")]
mod error;
#[allow(
    dead_code,
    unused_imports,
    reason = "its users land one after the other"
)]
mod filter;
#[allow(
    dead_code,
    unused_imports,
    reason = "its users land one after the other"
)]
mod log;
#[allow(
    dead_code,
    unused_imports,
    reason = "its users land one after the other"
)]
mod row;
#[cfg(test)]
mod sample;
#[allow(dead_code, reason = "its users land one after the other")]
mod table;
#[allow(dead_code, reason = "its users land one after the other")]
mod value;
mod writer;

pub use connect::connect;
pub use error::{Error, ErrorKind, Result};
pub use filter::{Compared, Filter, column};
pub use table::Table;
pub use writer::Writer;
