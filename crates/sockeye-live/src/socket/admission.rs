//! Admission: how a subscriber gets the rows of a view at one position and every later change once, in order.
//!
//! The rows and their position in the log are read in one snapshot, which holds exactly the changes up to there. Once the
//! feed has come to it, the changes since then are taken from its ring; the last of them are sent, and the view's group is
//! joined, while the stream is held and nothing new is handed out. A subscriber is enrolled before anything is read: when
//! its rights change on the way, the feed marks it and it begins anew.

use std::sync::Arc;

use sea_orm::DatabaseTransaction;
use serde_json::value::RawValue;
use sockeye::Peer;

use crate::error::{Error, ErrorKind, Result};
use crate::feed::{Entry, Subscriber};
use crate::log::{self, Extent, Log};
use crate::resource::Resource;
use crate::rights::Operation;
use crate::snapshots::Room;
use crate::socket::Shown;
use crate::socket::answer::{self, Beginning};
use crate::socket::request::Subscribe;
use crate::table::Table;
use crate::view::{Encoded, Scope};

/// How often somebody is let in anew whose rights change on the way, or who falls behind the ring.
const ATTEMPTS: usize = 5;

/// Changes that are sent while the stream is held: others wait for as long as that takes.
const FEW: usize = 64;

/// A connection on its way into a view.
pub(crate) struct Admission<'a> {
    pub(crate) peer: &'a Peer,
    pub(crate) resource: &'a Resource,
    pub(crate) asked: &'a Subscribe,
}

/// Where it can begin.
struct Start {
    scope: Scope,
    begins: Beginning,
    /// The end of the log before anything was judged.
    judged: i64,
    /// The end of the log in the snapshot.
    last: i64,
    rows: Option<Shown>,
    /// What happened since the client was here.
    missed: Vec<(i64, Entry)>,
    /// For either of the two, until they are sent.
    _room: Option<Room>,
}

impl Admission<'_> {
    /// Answers a client's request, and lets it in.
    ///
    /// # Errors
    /// What the client did wrong, or may not; `Database`.
    pub(crate) async fn answer(&self, reference: Option<&RawValue>) -> Result<Arc<Subscriber>> {
        self.admit(Some(reference)).await
    }

    /// Lets a client in again which was told that it is in.
    ///
    /// # Errors
    /// As those of [`answer`](Self::answer).
    pub(crate) async fn anew(&self) -> Result<Arc<Subscriber>> {
        self.admit(None).await
    }

    async fn admit(&self, mut answers: Option<Option<&RawValue>>) -> Result<Arc<Subscriber>> {
        for attempt in 0..ATTEMPTS {
            let subscriber = self.enroll().await;
            let start = self.start(attempt == 0 && answers.is_some()).await?;
            self.resource.place.reaches(start.last).await?;
            self.greet(&start, answers.take()).await?;
            if self.catch_up(&subscriber, start).await? {
                return Ok(subscriber);
            }
        }
        let text =
            "cannot subscribe: rights or rows change faster than they can be told; try again";
        Err(Error::new(ErrorKind::Busy, text))
    }

    async fn enroll(&self) -> Arc<Subscriber> {
        let user = self.resource.guard.user_id(self.peer.handshake());
        let subscriber = Subscriber::new(self.peer.sender(), user.map(Arc::from));
        let subscriber = Arc::new(subscriber);
        self.resource.stream.hold().await.enroll(&subscriber);
        subscriber
    }

    async fn start(&self, may_resume: bool) -> Result<Start> {
        let (resource, handshake) = (self.resource, self.peer.handshake());
        // Before the turn: who waits for room keeps nobody from reading.
        let mut room = match self.asked.rows || self.asked.since.is_some() {
            true => Some(resource.snapshots.room().await?),
            false => None,
        };
        let turn = resource.snapshots.turn().await?;
        let judged = Log::extent(&resource.database).await?.last;
        resource.guard.permit(Operation::Read, handshake).await?;
        let columns = resource.guard.columns(handshake);
        let filter = resource.filter(&columns, &self.asked.filter)?;
        let transaction = log::read_transaction(&resource.database).await?;
        let extent = Log::extent(&transaction).await?;
        let rights = resource.guard.rows(handshake, &transaction).await?;
        let rows = rights.bind(&resource.table)?.and(filter);
        let scope = Scope { rows, columns };
        let view = scope.id(&extent.epoch);
        let comes_back = may_resume && self.asked.view.as_ref() == Some(&view);
        let since = self.asked.since.filter(|_| comes_back);
        let missed = match since {
            Some(since) => self.missed(&transaction, since, &extent).await?,
            None => None,
        };
        let rows = match missed {
            None if self.asked.rows => Some(resource.snapshot(&transaction, &scope).await?),
            _ => None,
        };
        log::end(transaction).await?;
        drop(turn);
        let resumed = since.filter(|_| missed.is_some());
        let (missed, bytes_missed) = missed.unwrap_or_default();
        let bytes = rows.as_ref().map_or(bytes_missed, Shown::bytes);
        room.iter_mut().for_each(|room| room.shrink_to(bytes));
        let position = match rows {
            Some(_) => None,
            None => Some(resumed.unwrap_or(extent.last)),
        };
        Ok(Start {
            begins: Beginning {
                position,
                view,
                resumed: resumed.is_some(),
            },
            scope,
            judged,
            last: extent.last,
            rows,
            missed,
            _room: room,
        })
    }

    /// What happened since a position, with its bytes; `None` when one cannot go on from there.
    async fn missed(
        &self,
        transaction: &DatabaseTransaction,
        since: i64,
        extent: &Extent,
    ) -> Result<Option<(Vec<(i64, Entry)>, usize)>> {
        if since < extent.trimmed || since > extent.last {
            return Ok(None);
        }
        let missed = self.resource.changes_after(transaction, since).await?;
        Ok(missed.filter(|(entries, _)| self.goes_on(entries)))
    }

    /// Whether one who was let in can go on beyond this.
    fn goes_on(&self, entries: &[(i64, Entry)]) -> bool {
        let user = self.resource.guard.user_id(self.peer.handshake());
        entries.iter().all(|(_, entry)| match entry {
            Entry::Change(_) => true,
            Entry::Rights(whose) => Some(&**whose) != user.as_deref(),
            Entry::Reset => false,
        })
    }

    /// Says where it begins, with the rows. Waits for the client to take them.
    async fn greet(&self, start: &Start, answers: Option<Option<&RawValue>>) -> Result<()> {
        let (table, begins) = (&*self.resource.table, &start.begins);
        if let Some(reference) = answers {
            self.send(&answer::subscribed(table, begins, reference))
                .await?;
        }
        // Who wanted to go on and cannot has something that holds no more, as who was in already.
        if answers.is_none() || (self.asked.since.is_some() && !begins.resumed) {
            self.send(&answer::reset(table, begins)).await?;
        }
        if let Some(rows) = &start.rows {
            for frame in rows.frames(table, start.last) {
                self.send(&frame).await?;
            }
        }
        for event in told(table, &start.scope, &start.missed) {
            self.send(&event).await?;
        }
        Ok(())
    }

    /// Sends the changes since then and joins the view; false when one cannot go on from there.
    async fn catch_up(&self, subscriber: &Arc<Subscriber>, start: Start) -> Result<bool> {
        let missed = start.missed.last().map(|(position, _)| *position);
        let mut position = missed.or(start.begins.position).unwrap_or(start.last);
        loop {
            let mut gate = self.resource.stream.hold().await;
            let entries = gate.after(position, FEW);
            let is_valid = !subscriber.is_outdated_after(start.judged);
            let Some(entries) = entries.filter(|entries| is_valid && self.goes_on(entries)) else {
                return Ok(false);
            };
            let events = told(&self.resource.table, &start.scope, &entries);
            // More than a few leave while others go on, as do those for which there is no room.
            let are_all = entries.len() < FEW;
            let sent = match are_all {
                true => self.send_now(&events)?,
                false => 0,
            };
            if are_all && sent == events.len() {
                let view = gate.view(&start.scope, self.peer.hub())?;
                // Of a local group, which waits for nobody.
                let joined = self.peer.join(view.group().name()).await;
                joined.map_err(|error| refused(&error))?;
                subscriber.watch(&view);
                return Ok(true);
            }
            drop(gate);
            for event in &events[sent..] {
                self.send(event).await?;
            }
            position = entries.last().map_or(position, |(position, _)| *position);
        }
    }

    /// Sends what there is room for; gives how many those are.
    fn send_now(&self, events: &[String]) -> Result<usize> {
        let sender = self.peer.sender();
        for (sent, event) in events.iter().enumerate() {
            match sender.try_send(event.as_str()) {
                Ok(()) => {}
                Err(error) if error.kind() == sockeye::ErrorKind::Full => return Ok(sent),
                Err(error) => return Err(gone(&error)),
            }
        }
        Ok(events.len())
    }

    async fn send(&self, text: &str) -> Result<()> {
        let sent = self.peer.sender().send(text).await;
        sent.map_err(|error| gone(&error))
    }
}

/// The events of entries that come one after the other.
fn told(table: &Table, scope: &Scope, entries: &[(i64, Entry)]) -> Vec<String> {
    let changes = entries.iter().filter_map(|(_, entry)| match entry {
        Entry::Change(change) => Some(change),
        Entry::Rights(_) | Entry::Reset => None,
    });
    let told = changes.flat_map(|change| scope.told(table, change, &mut Encoded::default()));
    told.collect()
}

/// The connection is over, which its handler hears of anyway.
fn gone(error: &sockeye::Error) -> Error {
    Error::new(
        ErrorKind::Invalid,
        format!("cannot send to the subscriber: {error}"),
    )
}

fn refused(error: &sockeye::Error) -> Error {
    Error::new(ErrorKind::Forbidden, format!("cannot subscribe: {error}"))
}
