//! Live models: REST and WebSocket per database table, and every change on every screen.

#![forbid(unsafe_code)]

mod connect;
mod error;
mod feed;
mod filter;
mod limits;
mod live;
mod log;
mod model;
mod models;
mod options;
mod resource;
#[allow(dead_code, reason = "its users land one after the other")]
mod rights;
mod row;
#[cfg(test)]
mod sample;
mod snapshots;
mod socket;
#[allow(dead_code, reason = "its users land one after the other")]
mod store;
mod table;
mod value;
mod view;
mod writer;

pub use connect::connect;
pub use error::{Error, ErrorKind, Result};
pub use feed::LiveStats;
pub use filter::{Compared, Filter, column};
pub use live::Live;
pub use model::Model;
pub use models::Models;
pub use options::LiveOptions;
pub use rights::{Operation, Operations, Rows};
pub use socket::{ModelContext, ModelHandler, Received};
pub use table::Table;
pub use writer::Writer;
