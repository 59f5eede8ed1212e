//! Serving: our own accept loop, and the service that other servers mount.

mod accept;
mod app;
mod drain;
mod takeover;
#[cfg(feature = "tls")]
mod tls;
mod upgrade;

pub use accept::{Server, serve};
pub use app::App;
pub use drain::ServerHandle;
#[cfg(feature = "tls")]
pub use tls::tls_config;
