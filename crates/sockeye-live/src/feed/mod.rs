//! Feed: reads the log of changes, and hands each to the stream of its resource.

mod counters;
mod ring;
mod stream;
mod subscriber;

use std::collections::HashMap;
use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout};

pub(crate) use counters::Counters;
pub use counters::LiveStats;
pub(crate) use ring::Entry;
pub(crate) use stream::Stream;
pub(crate) use subscriber::{ANEW, Subscriber};

use crate::error::{Error, ErrorKind, Result};
use crate::log::{Batch, Listener, Log, RawChange, Wake};
use crate::table::Table;

/// Changes that are read by one query, and are in memory at once with both their rows.
const BATCH: u64 = 100;

/// How long somebody waits at most for the feed to come to a place in the log. It is behind by milliseconds unless the
/// database is in trouble.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often the log is trimmed, and how soon again when there is more to do: changes are handed out in between.
const TRIM_EVERY: Duration = Duration::from_secs(60);
const TRIM_AGAIN: Duration = Duration::from_secs(1);

/// What a feed is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// How often it looks unasked.
    pub(crate) poll: Duration,
    /// How long changes stay in the log.
    pub(crate) retention: Duration,
}

/// One node's reader of the log.
pub(crate) struct Feed {
    pub(crate) log: Log,
    pub(crate) listener: Listener,
    pub(crate) pace: Pace,
    pub(crate) streams: HashMap<String, (Arc<Table>, Arc<Stream>)>,
    /// Names the log that its place is one of.
    pub(crate) epoch: Arc<str>,
    pub(crate) place: watch::Sender<i64>,
    pub(crate) counters: Arc<Counters>,
}

impl Feed {
    /// Goes on until nobody looks at its place any more. While the database fails it tries again at the pace of its polling.
    pub(crate) async fn run(mut self) {
        let mut trims_at = Instant::now() + TRIM_EVERY;
        while !self.place.is_closed() {
            let read = self.step().await;
            if let Err(error) = &read {
                tracing::error!(%error, source = ?error.source(), "the log of changes cannot be read");
            }
            // A full batch is hardly the last one; others are followed by a call.
            if !read.is_ok_and(|changes| changes == BATCH) {
                let from = *self.place.borrow();
                // Nobody has called when the time is over: it looks all the same.
                let _ = timeout(self.pace.poll, self.listener.woken(from)).await;
            }
            if Instant::now() >= trims_at {
                trims_at = Instant::now() + self.trim().await;
            }
        }
    }

    /// Reads what is new and hands it out; gives how much that was.
    async fn step(&mut self) -> Result<u64> {
        let from = *self.place.borrow();
        self.counters.queried();
        let batch = self.log.read_after(from, BATCH).await?;
        if batch.epoch != self.epoch || batch.trimmed > from {
            self.begin_anew(&batch).await;
        }
        let read = batch.changes.len();
        for change in batch.changes {
            self.hand_out(change).await;
        }
        Ok(read as u64)
    }

    async fn hand_out(&self, change: RawChange) {
        self.counters.changed();
        let (position, bytes) = (change.position, change.bytes());
        match change.user() {
            Ok(Some(user)) => {
                let entry = Entry::Rights(user.into());
                self.hand_to_all(position, bytes, &entry).await;
            }
            Ok(None) => {
                if let Some((table, stream)) = self.streams.get(&change.resource) {
                    let entry = entry(&change, table);
                    stream.hold().await.hand_out(position, bytes, entry);
                }
            }
            Err(error) => {
                tracing::error!(%error, "a change of rights cannot be read; all subscribers begin anew");
                self.hand_to_all(position, bytes, &Entry::Reset).await;
            }
        }
        self.place.send_replace(position);
    }

    async fn hand_to_all(&self, position: i64, bytes: usize, entry: &Entry) {
        for (_, stream) in self.streams.values() {
            stream.hold().await.hand_out(position, bytes, entry.clone());
        }
    }

    /// Has everybody begin anew: what lies between them and the batch is gone.
    async fn begin_anew(&mut self, batch: &Batch) {
        let Batch { epoch, trimmed, .. } = batch;
        tracing::warn!(%epoch, trimmed, "the log has lost changes that this node has not read; all subscribers begin anew");
        for (_, stream) in self.streams.values() {
            stream.hold().await.reset(*trimmed);
        }
        self.epoch = Arc::clone(epoch);
        self.place.send_replace(*trimmed);
    }

    /// Gives how long it has time then.
    async fn trim(&self) -> Duration {
        match self.log.trim(self.pace.retention).await {
            Ok(0) => TRIM_EVERY,
            Ok(_) => TRIM_AGAIN,
            Err(error) => {
                tracing::warn!(%error, source = ?error.source(), "the log of changes cannot be trimmed");
                TRIM_EVERY
            }
        }
    }
}

pub(crate) fn entry(change: &RawChange, table: &Table) -> Entry {
    if change.is_reset() {
        return Entry::Reset;
    }
    let position = change.position;
    match change.decode(table) {
        Ok(change) => Entry::Change(Arc::new(change)),
        Err(error) => {
            tracing::error!(position, table = table.name(), %error, "a change cannot be read; all subscribers begin anew");
            Entry::Reset
        }
    }
}

/// Where a feed is, for those who wait for it.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) place: watch::Receiver<i64>,
    pub(crate) wake: Wake,
}

impl Place {
    pub(crate) fn now(&self) -> i64 {
        *self.place.borrow()
    }

    /// Waits until everything up to a position is handed out.
    ///
    /// # Errors
    /// `Database` when that takes longer than ten seconds, or the feed has ended.
    pub(crate) async fn reaches(&self, position: i64) -> Result<()> {
        let mut place = self.place.clone();
        if *place.borrow_and_update() < position {
            self.wake.at(position);
        }
        let reached = timeout(PATIENCE, place.wait_for(|now| *now >= position)).await;
        match reached {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => {
                let text =
                    format!("cannot wait for change {position}: the feed does not come to it");
                Err(Error::new(ErrorKind::Database, text))
            }
        }
    }
}
