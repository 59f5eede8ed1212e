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
use crate::server::preface::Prefaced;

/// The transport of an upgrade, with the bytes that were read behind the handshake already.
pub(crate) struct Taken {
    pub(crate) transport: Transport,
    pub(crate) received: Bytes,
}

impl Taken {
    /// Takes the transport of `upgraded`; a plain TCP socket out of the runtime too when `watch` says so.
    ///
    /// Plain TCP comes out as itself, under our server and both of hyper's, so that nothing of hyper stays with an idle
    /// connection. What is something else (TLS, HTTP/2, another server's own stream) stays wrapped.
    ///
    /// # Errors
    /// When the socket has failed already.
    pub(crate) fn from_upgraded(upgraded: Upgraded, watch: bool) -> io::Result<Self> {
        let upgraded = match upgraded.downcast::<TokioIo<Prefaced<TcpStream>>>() {
            Ok(parts) => return Self::own(parts.io.into_inner(), parts.read_buf, watch),
            Err(upgraded) => upgraded,
        };
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

    /// A stream of our own accept loop, which has made it what it should be already.
    fn own(stream: Prefaced<TcpStream>, received: Bytes, watch: bool) -> io::Result<Self> {
        let (stream, unread) = stream.into_parts();
        let received = match unread.is_empty() {
            true => received,
            false => [&received[..], &unread].concat().into(),
        };
        let transport = Transport::tcp(stream, watch)?;
        Ok(Self {
            transport,
            received,
        })
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

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::future::ready;
    use std::sync::Arc;

    use axum::extract::Request;
    use axum::response::{IntoResponse, Response};
    use http::StatusCode;
    use parking_lot::Mutex;
    use tokio::io::AsyncWriteExt;
    use tokio::sync::oneshot;

    use super::*;
    use crate::routing::Router;
    use crate::server::Server;
    use crate::server::preface::Preface;

    /// Accepts, and gives away what was upgraded.
    fn give_away(mut request: Request, give: oneshot::Sender<Upgraded>) -> Response {
        let upgrade = hyper::upgrade::on(&mut request);
        tokio::spawn(async move { give.send(upgrade.await.unwrap()) });
        let headers = [("connection", "upgrade"), ("upgrade", "websocket")];
        (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
    }

    #[tokio::test]
    async fn what_the_server_accepts_is_taken_with_its_first_bytes_and_waits_for_no_acknowledgement()
     {
        let (give, given) = oneshot::channel();
        let give = Arc::new(Mutex::new(Some(give)));
        let fallback = tower::service_fn(move |request| {
            let answer = give_away(request, give.lock().take().unwrap());
            ready(Ok::<_, Infallible>(answer))
        });
        let server = Server::bind("127.0.0.1:0").await.unwrap();
        let address = server.address().unwrap();
        tokio::spawn(server.run(Router::new().fallback(fallback)));
        let mut client = TcpStream::connect(address).await.unwrap();
        let request =
            b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nmore";
        client.write_all(request).await.unwrap();
        let upgraded = given.await.unwrap();
        let parts = upgraded.downcast::<TokioIo<Prefaced<TcpStream>>>().unwrap();
        assert_eq!(parts.read_buf, "more");
        let (stream, unread) = parts.io.into_inner().into_parts();
        assert_eq!(unread, b"");
        assert!(stream.nodelay().unwrap(), "TCP_NODELAY is off");
    }

    #[tokio::test]
    async fn first_bytes_that_http_left_unread_follow_those_that_it_read_too_much() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"last").await.unwrap();
        let (mut stream, _) = listener.accept().await.unwrap();
        let preface = Preface::read(&mut stream).await.unwrap().unwrap();
        let stream = preface.before(stream);
        let taken = Taken::own(stream, Bytes::from_static(b"first, "), false).unwrap();
        assert_eq!(taken.received, "first, last");
    }
}
