//! Wake: the feeds of this process hear at once that something was committed.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard, watch};
use tokio::time::timeout;

use crate::error::{Error, ErrorKind, Result};

/// How long a writer waits for its turn: as long as SQLite waits for its lock.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the writers of this process share: whom they wake, and whose turn it is where only one can write.
#[derive(Clone, Debug)]
pub(crate) struct Wake {
    /// A hint: what a listener does not hear it finds at its next poll.
    known: Arc<watch::Sender<Known>>,
    turns: Arc<Mutex<()>>,
}

/// What is known of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    /// There is a change at this position.
    last: i64,
    /// How often somebody said that there may be more, and did not know where.
    hints: u64,
}

/// Hears of what is new to it, once.
#[derive(Debug)]
pub(crate) struct Listener {
    known: watch::Receiver<Known>,
    /// What it has heard.
    heard: Known,
}

impl Default for Wake {
    fn default() -> Self {
        let known = Known {
            last: i64::MIN,
            hints: 0,
        };
        Self {
            known: Arc::new(watch::Sender::new(known)),
            turns: Arc::default(),
        }
    }
}

impl Wake {
    /// Says that there is a change at a position, which may be heard by several ways.
    pub(crate) fn at(&self, position: i64) {
        self.known.send_if_modified(|known| {
            let is_news = position > known.last;
            known.last = known.last.max(position);
            is_news
        });
    }

    /// Says that there may be more.
    pub(crate) fn wake(&self) {
        self.known.send_modify(|known| known.hints += 1);
    }

    /// Waits until no other writer has its turn, and has it until what it gives is dropped.
    ///
    /// # Errors
    /// `Busy` when that takes more than five seconds.
    ///
    /// # Cancel safety
    /// Dropped at an await point it has given up its place among those who wait.
    pub(crate) async fn turn(&self) -> Result<OwnedMutexGuard<()>> {
        let turn = timeout(PATIENCE, Arc::clone(&self.turns).lock_owned()).await;
        turn.map_err(|_| {
            let text = format!(
                "cannot begin to write: others have been writing for {} seconds; try again",
                PATIENCE.as_secs()
            );
            Error::new(ErrorKind::Busy, text)
        })
    }

    /// Hears of what is committed from now on.
    pub(crate) fn listen(&self) -> Listener {
        let known = self.known.subscribe();
        let heard = *known.borrow();
        Listener { known, heard }
    }
}

impl Listener {
    /// Waits until there is something behind `position`, or may be; for ever when nobody is left to say so.
    ///
    /// # Cancel safety
    /// Dropped at an await point it has heard nothing.
    pub(crate) async fn woken(&mut self, position: i64) {
        // Once: a log that was put back to an earlier state ends before what was heard of it.
        let end = self.heard.last.max(position);
        let hints = self.heard.hints;
        let is_news = |known: &Known| known.last > end || known.hints > hints;
        let heard = self.known.wait_for(is_news).await.map(|known| *known);
        match heard {
            Ok(heard) => self.heard = heard,
            Err(_) => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn what_is_heard_twice_is_news_once() {
        let wake = Wake::default();
        let mut listener = wake.listen();
        let mut hears = |position| listener.woken(position).now_or_never().is_some();
        assert!(!hears(3));
        wake.at(4);
        assert!(hears(3));
        assert!(!hears(3));
        assert!(!hears(4));
        wake.at(4);
        wake.at(2);
        assert!(!hears(4));
        wake.wake();
        assert!(hears(4));
        assert!(!hears(4));
    }
}
