//! The wire, row by row: what a client sends, and the one answer that RFC 6455 and our limits allow.

mod closes;
mod encodings;
mod extensions;
mod fragments;
mod handshakes;
mod headers;
mod messages;
pub(crate) mod requests;
mod rows;
mod streams;
mod subprotocols;
