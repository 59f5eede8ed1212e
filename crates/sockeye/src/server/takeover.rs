//! Takeover: the socket, out of hyper's hands.

use bytes::Bytes;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto;
use tokio::net::TcpStream;

use crate::engine::Transport;

/// Takes the transport out of an upgrade, with the bytes that were read behind the handshake already.
///
/// Plain TCP comes out as itself, under both of hyper's servers, so that nothing of hyper stays with an idle
/// connection. What is something else (TLS, HTTP/2, another server's own stream) stays wrapped.
pub(crate) fn take(upgraded: Upgraded) -> (Transport, Bytes) {
    let upgraded = match auto::upgrade::downcast::<TokioIo<TcpStream>>(upgraded) {
        Ok(parts) => return (Transport::polled(parts.io.into_inner()), parts.read_buf),
        Err(upgraded) => upgraded,
    };
    match upgraded.downcast::<TokioIo<TcpStream>>() {
        Ok(parts) => (Transport::polled(parts.io.into_inner()), parts.read_buf),
        Err(upgraded) => (Transport::polled(TokioIo::new(upgraded)), Bytes::new()),
    }
}
