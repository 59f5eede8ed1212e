//! Transport: the bytes' way in and out of one connection.
//!
//! A source of readiness per variant: what is polled with the connection's waker goes through `Polled`. Sockets that
//! a shard watches itself will be a second variant, with the same methods.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Any stream that tokio can drive: TCP, TLS, an HTTP/2 stream, a pipe in memory.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for T {}

pub(crate) enum Transport {
    Polled(Box<dyn Stream>),
}

impl Transport {
    pub(crate) fn polled(stream: impl Stream) -> Self {
        Self::Polled(Box::new(stream))
    }

    /// Reads into `buffer`; 0 is the end of the stream.
    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let Self::Polled(stream) = self;
        let mut buffer = ReadBuf::new(buffer);
        match Pin::new(stream).poll_read(cx, &mut buffer) {
            Poll::Ready(Ok(())) => Poll::Ready(Ok(buffer.filled().len())),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        }
    }

    pub(crate) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Self::Polled(stream) = self;
        Pin::new(stream).poll_write(cx, bytes)
    }

    pub(crate) fn poll_write_vectored(
        &mut self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let Self::Polled(stream) = self;
        Pin::new(stream).poll_write_vectored(cx, slices)
    }

    /// Whether a vectored write takes more than its first slice.
    pub(crate) fn is_write_vectored(&self) -> bool {
        let Self::Polled(stream) = self;
        stream.is_write_vectored()
    }

    /// Moves on what the transport itself holds back: a TLS session has taken records that the socket has not.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self::Polled(stream) = self;
        Pin::new(stream).poll_flush(cx)
    }

    /// Ends our half of the stream.
    pub(crate) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self::Polled(stream) = self;
        Pin::new(stream).poll_shutdown(cx)
    }
}
