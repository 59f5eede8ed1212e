//! Serving: our own accept loop, and the service that other servers mount.

mod accept;
mod app;
mod arrival;
mod drain;
#[cfg(feature = "testing")]
mod house;
mod http;
mod listen;
mod opening;
mod preface;
mod readiness;
mod run;
mod takeover;
#[cfg(feature = "tls")]
mod tls;
mod upgrade;
mod visit;
mod visitors;

pub use app::App;
pub use drain::ServerHandle;
#[cfg(feature = "testing")]
pub(crate) use house::House;
pub use run::{Server, serve};
#[cfg(feature = "tls")]
pub use tls::tls_config;
