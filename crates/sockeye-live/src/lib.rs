//! Live models: REST and WebSocket per database table, and every change on every screen.

#![forbid(unsafe_code)]

mod config;
mod connect;
mod error;
mod feed;
mod filter;
#[cfg(feature = "postgres")]
mod foreign;
mod limits;
mod live;
mod log;
mod model;
mod models;
mod openapi;
mod options;
mod resource;
mod rest;
mod rights;
mod row;
#[cfg(test)]
mod sample;
mod snapshots;
mod socket;
mod store;
mod table;
mod value;
mod view;
mod writer;

pub use config::{ModelCatalog, ModelsConfig};
pub use connect::connect;
pub use error::{Error, ErrorKind, Result};
pub use feed::LiveStats;
pub use filter::{Compared, Filter, column};
#[cfg(feature = "postgres")]
pub use foreign::{install_trigger, uninstall_trigger};
pub use live::Live;
pub use model::Model;
pub use models::Models;
pub use options::LiveOptions;
pub use rights::{Operation, Operations, Rows};
pub use socket::{ModelContext, ModelHandler, Received};
pub use writer::Writer;
