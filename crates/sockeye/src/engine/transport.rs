//! Transport: the bytes' way in and out of one connection, by where its readiness comes from.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::engine::link::Link;

/// Any stream that tokio can drive: TCP, TLS, an HTTP/2 stream, a pipe in memory.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for T {}

pub(crate) enum Transport {
    /// Wakes the connection's link.
    Polled(Box<dyn Stream>),
    /// A socket that nobody but its shard knows; the shard's epoll tells when it is ready.
    #[cfg(target_os = "linux")]
    Watched(mio::net::TcpStream),
}

impl Transport {
    pub(crate) fn polled(stream: impl Stream) -> Self {
        Self::Polled(Box::new(stream))
    }

    /// A TCP socket, out of the runtime's hands where shards can watch sockets and `watch` asks for it.
    ///
    /// # Errors
    /// Those of taking it out.
    pub(crate) fn tcp(stream: tokio::net::TcpStream, watch: bool) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if watch {
            let stream = mio::net::TcpStream::from_std(stream.into_std()?);
            return Ok(Self::Watched(stream));
        }
        let _ = watch;
        Ok(Self::polled(stream))
    }

    /// The same socket, back with the runtime.
    ///
    /// # Errors
    /// Those of the runtime's registration.
    #[cfg(target_os = "linux")]
    pub(crate) fn unwatched(self) -> io::Result<Self> {
        match self {
            Self::Watched(stream) => {
                let stream = std::net::TcpStream::from(stream);
                Ok(Self::polled(tokio::net::TcpStream::from_std(stream)?))
            }
            polled @ Self::Polled(_) => Ok(polled),
        }
    }

    /// Whether its readiness comes by the connection's waker.
    pub(crate) fn is_polled(&self) -> bool {
        matches!(self, Self::Polled(_))
    }

    /// Reads into `buffer`; 0 is the end of the stream.
    pub(crate) fn poll_read(
        &mut self,
        link: &Arc<Link>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        match self {
            Self::Polled(stream) => {
                let waker = link.waker();
                let mut buffer = ReadBuf::new(buffer);
                let mut cx = Context::from_waker(&waker);
                let read = Pin::new(stream).poll_read(&mut cx, &mut buffer);
                read.map_ok(|()| buffer.filled().len())
            }
            #[cfg(target_os = "linux")]
            Self::Watched(stream) => ready_or_pending(|| io::Read::read(stream, buffer)),
        }
    }

    pub(crate) fn poll_write(&mut self, link: &Arc<Link>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self {
            Self::Polled(stream) => {
                Pin::new(stream).poll_write(&mut Context::from_waker(&link.waker()), bytes)
            }
            #[cfg(target_os = "linux")]
            Self::Watched(stream) => ready_or_pending(|| io::Write::write(stream, bytes)),
        }
    }

    pub(crate) fn poll_write_vectored(
        &mut self,
        link: &Arc<Link>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self {
            Self::Polled(stream) => Pin::new(stream)
                .poll_write_vectored(&mut Context::from_waker(&link.waker()), slices),
            #[cfg(target_os = "linux")]
            Self::Watched(stream) => ready_or_pending(|| io::Write::write_vectored(stream, slices)),
        }
    }

    /// Whether a vectored write takes more than its first slice.
    pub(crate) fn is_write_vectored(&self) -> bool {
        match self {
            Self::Polled(stream) => stream.is_write_vectored(),
            #[cfg(target_os = "linux")]
            Self::Watched(_) => true,
        }
    }

    /// Moves on what the transport itself holds back: a TLS session has taken records that the socket has not.
    pub(crate) fn poll_flush(&mut self, link: &Arc<Link>) -> Poll<io::Result<()>> {
        match self {
            Self::Polled(stream) => {
                Pin::new(stream).poll_flush(&mut Context::from_waker(&link.waker()))
            }
            #[cfg(target_os = "linux")]
            Self::Watched(_) => Poll::Ready(Ok(())),
        }
    }

    /// Ends our half of the stream.
    pub(crate) fn poll_shutdown(&mut self, link: &Arc<Link>) -> Poll<io::Result<()>> {
        match self {
            Self::Polled(stream) => {
                Pin::new(stream).poll_shutdown(&mut Context::from_waker(&link.waker()))
            }
            #[cfg(target_os = "linux")]
            Self::Watched(stream) => Poll::Ready(stream.shutdown(std::net::Shutdown::Write)),
        }
    }
}

/// A system call on a socket that does not block, as a poll: the shard's epoll stands in for the waker.
#[cfg(target_os = "linux")]
fn ready_or_pending(mut call: impl FnMut() -> io::Result<usize>) -> Poll<io::Result<usize>> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Poll::Pending,
            outcome => return Poll::Ready(outcome),
        }
    }
}
