//! Sockets over HTTP/2 (RFC 8441): the client's side by the `h2` crate, or frame by frame.

mod abuse;
mod bootstrap;
mod frames;
pub(crate) mod session;
mod sockets;
mod windows;
