//! Rows: one exchange over an open socket, played whole and byte by byte.

use futures_util::future::join_all;

use crate::frames::{self, code_of};
use crate::harness::{Raw, Server};

/// What is sent behind the handshake, and all that has to come back.
pub(crate) struct Row {
    pub(crate) why: &'static str,
    pub(crate) sent: Vec<u8>,
    /// First byte and payload of each frame that comes back before the end.
    pub(crate) frames: Vec<(u8, Vec<u8>)>,
    pub(crate) end: End,
}

/// How a connection stands after its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Open: a ping is answered.
    Lives,
    /// The server sent a close frame with this code, or without one, and ended the TCP connection.
    Closes(Option<u16>),
}

/// How the bytes of a row reach the server.
#[derive(Clone, Copy, Debug)]
enum Delivery {
    Whole,
    /// In the segment of the handshake.
    WithHandshake,
    OneByteASegment,
}

/// Rows at once, so that none waits for the timers of another.
const ROWS_AT_ONCE: usize = 16;

/// Longer rows are not sent byte by byte: their beginning was, in other rows.
const BYTEWISE_MAX: usize = 400;

/// Plays all rows in all deliveries; gives how many rows there were.
pub(crate) async fn play(server: &Server, path: &str, rows: &[Row]) -> usize {
    for some in rows.chunks(ROWS_AT_ONCE) {
        join_all(some.iter().map(|row| row.play(server, path))).await;
    }
    rows.len()
}

impl Row {
    /// The same with this frame coming back before the end.
    pub(crate) fn after(mut self, first: u8, payload: &[u8]) -> Self {
        self.frames.push((first, payload.to_vec()));
        self
    }

    async fn play(&self, server: &Server, path: &str) {
        self.deliver(server, path, Delivery::Whole).await;
        self.deliver(server, path, Delivery::WithHandshake).await;
        if self.sent.len() <= BYTEWISE_MAX {
            self.deliver(server, path, Delivery::OneByteASegment).await;
        }
    }

    async fn deliver(&self, server: &Server, path: &str, delivery: Delivery) {
        let told = format!("{} ({delivery:?})", self.why);
        let mut raw = server.raw().await;
        self.send(&mut raw, path, delivery).await;
        assert_eq!(raw.response().await.status, 101, "{told}");
        if matches!(delivery, Delivery::Whole) {
            raw.offer(&self.sent).await;
        }
        if matches!(delivery, Delivery::OneByteASegment) {
            for byte in &self.sent {
                raw.offer(&[*byte]).await;
            }
        }
        self.check(&mut raw, &told).await;
    }

    /// Sends the handshake, and the row's bytes with it if they are to come in one segment.
    async fn send(&self, raw: &mut Raw, path: &str, delivery: Delivery) {
        let mut head = format!("{}\r\n", Raw::head(path)).into_bytes();
        if matches!(delivery, Delivery::WithHandshake) {
            head.extend(&self.sent);
        }
        raw.offer(&head).await;
    }

    async fn check(&self, raw: &mut Raw, told: &str) {
        for expected in &self.frames {
            assert_eq!(raw.frame().await.as_ref(), Some(expected), "{told}");
        }
        let End::Closes(code) = self.end else {
            return raw.lives().await;
        };
        let (first, payload) = raw.frame().await.expect(told);
        assert_eq!((first, code_of(&payload)), (frames::CLOSE, code), "{told}");
        assert_eq!(raw.frame().await, None, "{told}");
    }
}

/// A message comes back, and the connection lives.
pub(crate) fn echoed(why: &'static str, sent: Vec<u8>, first: u8, payload: &[u8]) -> Row {
    let (frames, end) = (Vec::new(), End::Lives);
    let row = Row {
        why,
        sent,
        frames,
        end,
    };
    row.after(first, payload)
}

/// Nothing comes back but a close frame with this code, or without one.
pub(crate) fn closed(why: &'static str, sent: Vec<u8>, code: impl Into<Option<u16>>) -> Row {
    let (frames, end) = (Vec::new(), End::Closes(code.into()));
    Row {
        why,
        sent,
        frames,
        end,
    }
}
