//! Pipe: both ends of a stream in memory, and what may go wrong between them.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// Bytes that one direction holds before its writer has to wait: about what a socket on loopback does.
const LANE_BYTES_MAX: usize = 64 * 1024;

/// One end. Dropped, it ends both directions in order.
pub(crate) struct Pipe {
    incoming: Arc<Lane>,
    outgoing: Arc<Lane>,
}

/// One direction. What one write brought is never read together with what another did.
#[derive(Default)]
pub(crate) struct Lane(Mutex<Travelling>);

#[derive(Default)]
struct Travelling {
    pieces: VecDeque<(Instant, Bytes)>,
    bytes: usize,
    delay: Duration,
    end: End,
    timer: Option<Pin<Box<Sleep>>>,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum End {
    /// Not ended.
    #[default]
    Open,
    /// What was written is still read, then the stream is over.
    Finished,
    /// Nothing is read any more.
    Reset,
}

/// Two ends of one stream.
pub(crate) fn pipe() -> (Pipe, Pipe) {
    let (one, other) = (Arc::<Lane>::default(), Arc::<Lane>::default());
    let here = Pipe {
        incoming: Arc::clone(&one),
        outgoing: Arc::clone(&other),
    };
    let there = Pipe {
        incoming: other,
        outgoing: one,
    };
    (here, there)
}

impl Pipe {
    /// Its directions, in and out, to look at them and to break them.
    pub(crate) fn lanes(&self) -> [Arc<Lane>; 2] {
        [Arc::clone(&self.incoming), Arc::clone(&self.outgoing)]
    }
}

impl Lane {
    /// Makes what is written from now on travel for so long.
    pub(crate) fn delay(&self, delay: Duration) {
        self.0.lock().delay = delay;
    }

    /// Ends it as a connection that broke: what is on its way is lost, and both sides get an error.
    pub(crate) fn reset(&self) {
        self.end(End::Reset);
    }

    /// Whether all that was written has been read.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.lock().pieces.is_empty()
    }

    /// Whether something was written that cannot be read yet.
    pub(crate) fn is_under_way(&self) -> bool {
        let travelling = self.0.lock();
        let first = travelling.pieces.front();
        first.is_some_and(|(at, _)| *at > Instant::now())
    }

    fn end(&self, end: End) {
        let mut travelling = self.0.lock();
        if travelling.end != End::Reset {
            travelling.end = end;
        }
        if travelling.end == End::Reset {
            travelling.pieces.clear();
            travelling.bytes = 0;
        }
        let wakers = [travelling.reader.take(), travelling.writer.take()];
        drop(travelling);
        wakers.into_iter().flatten().for_each(Waker::wake);
    }

    fn poll_write(&self, cx: &Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut travelling = self.0.lock();
        if travelling.end != End::Open {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let room = LANE_BYTES_MAX.saturating_sub(travelling.bytes);
        if room == 0 && !bytes.is_empty() {
            travelling.writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let piece = &bytes[..bytes.len().min(room)];
        if piece.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let at = Instant::now() + travelling.delay;
        let kept = (at, Bytes::copy_from_slice(piece));
        travelling.pieces.push_back(kept);
        travelling.bytes += piece.len();
        let reader = travelling.reader.take();
        drop(travelling);
        reader.into_iter().for_each(Waker::wake);
        Poll::Ready(Ok(piece.len()))
    }

    fn poll_read(&self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut travelling = self.0.lock();
        if travelling.end == End::Reset {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let Some((at, _)) = travelling.pieces.front() else {
            if travelling.end == End::Finished {
                return Poll::Ready(Ok(()));
            }
            travelling.reader = Some(cx.waker().clone());
            return Poll::Pending;
        };
        let at = *at;
        if at > Instant::now() {
            travelling.reader = Some(cx.waker().clone());
            ready!(travelling.poll_timer(at, cx));
        }
        travelling.take(buffer);
        let writer = travelling.writer.take();
        drop(travelling);
        writer.into_iter().for_each(Waker::wake);
        Poll::Ready(Ok(()))
    }
}

impl Travelling {
    fn poll_timer(&mut self, at: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
        if timer.deadline() != at {
            timer.as_mut().reset(at);
        }
        timer.as_mut().poll(cx)
    }

    /// Moves as much of the first piece as fits.
    fn take(&mut self, buffer: &mut ReadBuf<'_>) {
        let Some((_, piece)) = self.pieces.front_mut() else {
            return;
        };
        let taken = piece.len().min(buffer.remaining());
        buffer.put_slice(&piece[..taken]);
        piece.advance(taken);
        self.bytes -= taken;
        if piece.is_empty() {
            self.pieces.pop_front();
        }
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        self.outgoing.end(End::Finished);
        // Nobody reads what still comes: its writer learns so.
        self.incoming.end(End::Finished);
    }
}

impl AsyncRead for Pipe {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.incoming.poll_read(cx, buffer)
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.outgoing.poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.outgoing.end(End::Finished);
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn each_write_is_read_alone_and_the_last_is_followed_by_the_end() {
        let (mut here, mut there) = pipe();
        here.write_all(b"one").await.unwrap();
        here.write_all(b"two").await.unwrap();
        drop(here);
        let mut buffer = [0; 16];
        assert_eq!(there.read(&mut buffer).await.unwrap(), 3);
        assert_eq!(there.read(&mut buffer).await.unwrap(), 3);
        assert_eq!(there.read(&mut buffer).await.unwrap(), 0);
        let error = there.write_all(b"too late").await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }

    #[tokio::test]
    async fn a_writer_waits_for_room() {
        let (mut here, mut there) = pipe();
        let sent = tokio::spawn(async move {
            here.write_all(&vec![7; 3 * LANE_BYTES_MAX]).await.unwrap();
        });
        let mut all = Vec::new();
        there.read_to_end(&mut all).await.unwrap();
        assert_eq!(all.len(), 3 * LANE_BYTES_MAX);
        sent.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_delay_is_travelled_by_each_piece() {
        let (mut here, mut there) = pipe();
        here.lanes()[1].delay(Duration::from_secs(3));
        let start = Instant::now();
        here.write_all(b"late").await.unwrap();
        assert!(there.lanes()[0].is_under_way());
        let mut buffer = [0; 16];
        assert_eq!(there.read(&mut buffer).await.unwrap(), 4);
        assert_eq!(start.elapsed().as_secs(), 3);
    }

    #[tokio::test]
    async fn a_reset_loses_what_is_on_its_way() {
        let (mut here, mut there) = pipe();
        here.write_all(b"lost").await.unwrap();
        here.lanes().iter().for_each(|lane| lane.reset());
        let error = there.read(&mut [0; 16]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    }
}
