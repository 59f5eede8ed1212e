//! Preface: what a client says first, which tells HTTP/1.1 from HTTP/2.

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The first bytes of HTTP/2 from a client that knows that we speak it (RFC 9113 3.4).
const HTTP2: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Bytes that are read before the HTTP is known: the whole request of most clients, so that nothing is read twice.
const FIRST_BYTES: usize = 4 * 1024;

/// The first bytes of a client, as many as came with those that told which HTTP it speaks.
pub(crate) struct Preface(Vec<u8>);

impl Preface {
    /// Reads until it is clear which HTTP is spoken; `None` when the client leaves without a word.
    ///
    /// # Errors
    /// The stream's own.
    pub(crate) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Self>> {
        let mut bytes = Vec::new();
        while bytes.len() < HTTP2.len() && HTTP2.starts_with(&bytes) {
            if poll_fn(|cx| poll_append(stream, cx, &mut bytes)).await? == 0 {
                break;
            }
        }
        Ok((!bytes.is_empty()).then_some(Self(bytes)))
    }

    pub(crate) fn is_http2(&self) -> bool {
        self.0.starts_with(HTTP2)
    }

    /// The stream as it was before its first bytes were read.
    pub(crate) fn before<S>(self, stream: S) -> Prefaced<S> {
        Prefaced {
            first: self.0,
            taken: 0,
            stream,
        }
    }
}

/// Appends what one read gives; the buffer is on the stack, so that who has not said anything yet takes no memory.
fn poll_append(
    stream: &mut (impl AsyncRead + Unpin),
    cx: &mut Context<'_>,
    bytes: &mut Vec<u8>,
) -> Poll<io::Result<usize>> {
    let mut buffer = [const { MaybeUninit::uninit() }; FIRST_BYTES];
    let mut buffer = ReadBuf::uninit(&mut buffer);
    ready!(Pin::new(stream).poll_read(cx, &mut buffer))?;
    bytes.extend_from_slice(buffer.filled());
    Poll::Ready(Ok(buffer.filled().len()))
}

/// A stream whose first bytes were read already; who reads from it gets them first.
pub(crate) struct Prefaced<S> {
    first: Vec<u8>,
    taken: usize,
    stream: S,
}

impl<S> Prefaced<S> {
    /// The stream, and those of its first bytes that nobody has read.
    pub(crate) fn into_parts(mut self) -> (S, Vec<u8>) {
        (self.stream, self.first.split_off(self.taken))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Prefaced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.first.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buffer);
        }
        let rest = &self.first[self.taken..];
        let piece = rest.len().min(buffer.remaining());
        buffer.put_slice(&rest[..piece]);
        self.taken += piece;
        if self.taken == self.first.len() {
            self.first = Vec::new();
            self.taken = 0;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Prefaced<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match slices {
            // A head without a body, as every upgrade has: the kernel sends one piece cheaper than a list of one.
            [piece] => Pin::new(&mut self.stream).poll_write(cx, piece),
            slices => Pin::new(&mut self.stream).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn the_first_bytes_come_first_and_are_lent_in_pieces_of_any_size() {
        let (mut client, mut server) = tokio::io::duplex(64);
        client.write_all(b"PRI * GET /").await.unwrap();
        let preface = Preface::read(&mut server).await.unwrap().unwrap();
        assert!(!preface.is_http2());
        client.write_all(b" and more").await.unwrap();
        drop(client);
        let mut stream = preface.before(server);
        let mut piece = [0; 4];
        stream.read_exact(&mut piece).await.unwrap();
        assert_eq!(&piece, b"PRI ");
        let (mut stream, rest) = stream.into_parts();
        assert_eq!(rest, b"* GET /");
        let mut more = Vec::new();
        stream.read_to_end(&mut more).await.unwrap();
        assert_eq!(more, b" and more");
    }

    #[tokio::test]
    async fn the_preface_of_http2_may_come_byte_by_byte() {
        let (mut client, mut server) = tokio::io::duplex(1);
        let sent = tokio::spawn(async move { client.write_all(HTTP2).await });
        let preface = Preface::read(&mut server).await.unwrap().unwrap();
        assert!(preface.is_http2());
        sent.await.unwrap().unwrap();
        assert_eq!(preface.before(server).into_parts().1, HTTP2);
    }

    #[tokio::test]
    async fn what_ends_inside_the_preface_is_not_http2_and_nothing_is_nothing() {
        for said in [&b""[..], b"PRI * HTTP/2"] {
            let (mut client, mut server) = tokio::io::duplex(64);
            client.write_all(said).await.unwrap();
            drop(client);
            let preface = Preface::read(&mut server).await.unwrap();
            assert_eq!(preface.is_some(), !said.is_empty());
            assert!(preface.is_none_or(|preface| !preface.is_http2()));
        }
    }
}
