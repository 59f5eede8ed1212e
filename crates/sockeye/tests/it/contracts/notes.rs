//! Notes: what handlers under test tell of what happens to them.

use std::fmt::Display;

use tokio::io::AsyncReadExt;
use tokio::sync::mpsc::{self, error::TrySendError};

use crate::harness::{Running, within};

/// The writing end; one per handler that has something to tell.
#[derive(Clone)]
pub(crate) struct Notes(mpsc::Sender<String>);

/// The reading end, in the test.
pub(crate) struct Reader(mpsc::Receiver<String>);

pub(crate) fn notes() -> (Notes, Reader) {
    let (sender, receiver) = mpsc::channel(1024);
    (Notes(sender), Reader(receiver))
}

impl Notes {
    /// Writes a note; after the end of its test nobody reads it.
    pub(crate) fn write(&self, note: impl Display) {
        let sent = self.0.try_send(note.to_string());
        assert!(
            !matches!(sent, Err(TrySendError::Full(_))),
            "too many notes"
        );
    }
}

impl Reader {
    /// The next note.
    pub(crate) async fn next(&mut self) -> String {
        let note = within("a note", self.0.recv()).await;
        note.expect("a writer of notes")
    }

    /// The notes that were written and not read yet.
    pub(crate) fn rest(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.0.try_recv().ok()).collect()
    }
}

/// A note that is written when it is dropped.
pub(crate) struct Farewell(pub(crate) Notes, pub(crate) &'static str);

impl Drop for Farewell {
    fn drop(&mut self) {
        self.0.write(self.1);
    }
}

/// An ordinary HTTP request: the whole answer as text.
pub(crate) async fn http(server: &Running, method: &str, path: &str) -> String {
    let mut raw = server.raw().await;
    let request =
        format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    raw.write(request.as_bytes()).await;
    let mut answer = String::new();
    within("an answer", raw.0.read_to_string(&mut answer))
        .await
        .unwrap();
    answer
}
