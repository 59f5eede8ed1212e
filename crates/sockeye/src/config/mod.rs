//! Every limit and timeout, with its default and the reason for it.
//!
//! [`Options`] belong to an endpoint, [`ServerOptions`] to a listener, [`HubOptions`] to a node. All are plain values:
//! start from `default()`, change what you must. `None` turns a limit off and is then said so in its own words.

mod choice;
mod endpoint;
mod hub;
mod off;
mod server;
mod settings;
mod span;
mod wire;

pub(crate) use choice::Choice;
pub use endpoint::{Heartbeat, OnError, Options, Rate, Refusal};
pub use hub::{HubOptions, Overflow};
pub use server::{Drain, ServerOptions};
pub use settings::{Settings, SettingsError};
pub use wire::{Case, Wire};
