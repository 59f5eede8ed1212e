//! Takeover: the socket, out of hyper's hands.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::engine::Transport;

/// The transport of an upgrade, with the bytes that were read behind the handshake already.
pub(crate) struct Taken {
    pub(crate) transport: Transport,
    pub(crate) received: Bytes,
}

impl Taken {
    /// Takes the transport of `upgraded`; a plain TCP socket out of the runtime too when `watch` says so.
    ///
    /// Plain TCP comes out as itself, under both of hyper's servers, so that nothing of hyper stays with an idle
    /// connection. What is something else (TLS, HTTP/2, another server's own stream) stays wrapped.
    ///
    /// # Errors
    /// When the socket has failed already.
    pub(crate) fn from_upgraded(upgraded: Upgraded, watch: bool) -> io::Result<Self> {
        let upgraded = match auto::upgrade::downcast::<TokioIo<TcpStream>>(upgraded) {
            Ok(parts) => return Self::plain(parts.io.into_inner(), parts.read_buf, watch),
            Err(upgraded) => upgraded,
        };
        match upgraded.downcast::<TokioIo<TcpStream>>() {
            Ok(parts) => Self::plain(parts.io.into_inner(), parts.read_buf, watch),
            Err(upgraded) => Ok(Self {
                transport: Transport::polled(Piecewise(TokioIo::new(upgraded))),
                received: Bytes::new(),
            }),
        }
    }

    fn plain(stream: TcpStream, received: Bytes, watch: bool) -> io::Result<Self> {
        // The servers that routes are mounted into leave it on, and then every second push waits for the peer's
        // acknowledgement of the first.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot turn Nagle's delay off");
        }
        let transport = Transport::tcp(stream, watch)?;
        Ok(Self {
            transport,
            received,
        })
    }
}

/// A stream that takes a limited piece of what it is offered at a time.
///
/// An HTTP/2 stream of hyper copies whatever it is offered and holds up to three such copies for a peer that gives it
/// no window: without a limit three times the outbox, which nobody counts.
struct Piecewise<S>(S);

/// As much as a TLS record and a frame of HTTP/2 carry.
const PIECE_BYTES: usize = 16 * 1024;

impl<S: AsyncRead + Unpin> AsyncRead for Piecewise<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Piecewise<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let piece = &bytes[..bytes.len().min(PIECE_BYTES)];
        Pin::new(&mut self.0).poll_write(cx, piece)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
