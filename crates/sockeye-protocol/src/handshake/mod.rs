//! The HTTP request that becomes a WebSocket connection, and its answer (RFC 6455 4, RFC 8441).

mod client;
mod error;
mod key;
mod server;
mod subprotocol;

pub use client::{Agreed, Offer, ResponseError};
pub use error::HandshakeError;
pub use key::accept_key;
pub use server::Request;
pub use subprotocol::{SUBPROTOCOLS_MAX, choose_subprotocol, offered_subprotocols};
