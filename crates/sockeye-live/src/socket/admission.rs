//! Admission: how a subscriber gets the rows of a view at one position and every later change once, in order.
//!
//! The rows and their position in the log are read in one snapshot, which holds exactly the changes up to there. Once the
//! feed has come to it, the changes since then are taken from its ring; the last of them are sent, and the view's group is
//! joined, while the stream is held and nothing new is handed out. A subscriber is enrolled before anything is read: when
//! its rights change on the way, the feed marks it and it begins anew.

use std::sync::Arc;

use serde_json::value::RawValue;
use sockeye::Peer;

use crate::error::{Error, ErrorKind, Result};
use crate::feed::{Entry, Subscriber};
use crate::log::{self, Extent};
use crate::resource::Resource;
use crate::rights::Operation;
use crate::row::Row;
use crate::snapshots::Room;
use crate::socket::answer::{self, Beginning};
use crate::socket::request::Subscribe;
use crate::view::{Encoded, Scope, View};

/// How often somebody is let in anew whose rights change on the way, or who falls behind the ring.
const ATTEMPTS: usize = 5;

/// Changes that are sent while the stream is held: others wait for as long as that takes.
const FEW: usize = 64;

/// Changes after which it is cheaper to begin anew than to resume.
const RESUMED_MAX: u64 = 5_000;

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
    /// The end of the log in the snapshot.
    last: i64,
    rows: Option<Vec<Row>>,
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
        Err(Error::new(ErrorKind::Database, text))
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
        resource.guard.permit(Operation::Read, handshake).await?;
        let columns = resource.guard.columns(handshake);
        let filter = resource.filter(&columns, &self.asked.filter)?;
        // Before the transaction: who waits for room holds no connection of the database.
        let mut room = match self.asked.rows || self.asked.since.is_some() {
            true => resource.snapshots.room().await,
            false => None,
        };
        let transaction = log::read_transaction(&resource.database).await?;
        let extent = log::Log::extent(&transaction).await?;
        let rights = resource.guard.rows(handshake, &transaction).await?;
        let rows = rights.bind(&resource.table)?.and(filter);
        let scope = Scope { rows, columns };
        let view = scope.id(&extent.epoch);
        let missed = match self.asked.since {
            Some(since) if may_resume && self.asked.view.as_ref() == Some(&view) => {
                self.missed(since, &extent).await?
            }
            _ => None,
        };
        let rows = match missed {
            None if self.asked.rows => Some(resource.snapshot(&transaction, &scope.rows).await?),
            _ => None,
        };
        log::end(transaction).await?;
        let held = rows
            .as_ref()
            .map(Vec::len)
            .max(missed.as_ref().map(Vec::len));
        room.iter_mut()
            .for_each(|room| room.shrink_to(held.unwrap_or_default()));
        let resumed = self.asked.since.filter(|_| missed.is_some());
        let missed = missed.unwrap_or_default();
        let reached = missed.last().map(|(position, _)| *position).or(resumed);
        let position = reached.unwrap_or(extent.last);
        let resumed = resumed.is_some();
        Ok(Start {
            begins: Beginning {
                position,
                view,
                resumed,
            },
            scope,
            last: extent.last,
            rows,
            missed,
            _room: room,
        })
    }

    /// What happened since a position; `None` when that is not known any more, or one cannot go on from there.
    async fn missed(&self, since: i64, extent: &Extent) -> Result<Option<Vec<(i64, Entry)>>> {
        if since < extent.trimmed || since > extent.last {
            return Ok(None);
        }
        let missed = self.resource.changes_after(since, RESUMED_MAX).await?;
        let user = self.resource.guard.user_id(self.peer.handshake());
        let goes_on = |entries: &Vec<(i64, Entry)>| {
            let mut entries = entries.iter();
            entries.all(|(_, entry)| !begins_anew(entry, user.as_deref()))
        };
        Ok(missed.filter(goes_on))
    }

    /// Says where it begins, with the rows. Waits for the client to take them.
    async fn greet(&self, start: &Start, answers: Option<Option<&RawValue>>) -> Result<()> {
        let (table, begins) = (&*self.resource.table, &start.begins);
        if let Some(reference) = answers {
            self.send(answer::subscribed(table, begins, reference))
                .await?;
        }
        // Who wanted to go on and cannot has something that holds no more, as who was in already.
        if answers.is_none() || (self.asked.since.is_some() && !begins.resumed) {
            self.send(answer::reset(table, begins)).await?;
        }
        if let Some(rows) = &start.rows {
            for frame in answer::rows(table, &start.scope, rows, begins.position) {
                self.send(frame).await?;
            }
        }
        let view = View::new(&self.resource.table, start.scope.clone(), self.peer.hub())?;
        for event in told(&view, &start.missed) {
            self.send(event).await?;
        }
        Ok(())
    }

    /// Sends the changes since then and joins the view; false when one cannot go on from there.
    async fn catch_up(&self, subscriber: &Arc<Subscriber>, start: Start) -> Result<bool> {
        let user = self.resource.guard.user_id(self.peer.handshake());
        let mut position = start.begins.position;
        loop {
            let mut gate = self.resource.stream.hold().await;
            let entries = gate.after(position, FEW).filter(|entries| {
                let mut entries = entries.iter();
                let goes_on = entries.all(|(_, entry)| !begins_anew(entry, user.as_deref()));
                goes_on && !subscriber.is_outdated_after(start.last)
            });
            let Some(entries) = entries else {
                return Ok(false);
            };
            let view = gate.view(&start.scope, self.peer.hub())?;
            let mut events = told(&view, &entries);
            if entries.len() < FEW {
                let sent = events.try_for_each(|event| self.peer.try_send(event));
                sent.map_err(|error| gone(&error))?;
                // Of a local group, which waits for nobody.
                let joined = self.peer.join(view.group().name()).await;
                joined.map_err(|error| refused(&error))?;
                subscriber.watch(&view);
                return Ok(true);
            }
            drop(gate);
            for event in events {
                self.send(event).await?;
            }
            position = entries.last().map_or(position, |(position, _)| *position);
        }
    }

    async fn send(&self, text: String) -> Result<()> {
        let sent = self.peer.sender().send(text).await;
        sent.map_err(|error| gone(&error))
    }
}

/// The events of entries that come one after the other.
fn told<'a>(view: &'a View, entries: &'a [(i64, Entry)]) -> impl Iterator<Item = String> + 'a {
    let changes = entries.iter().filter_map(|(_, entry)| match entry {
        Entry::Change(change) => Some(change),
        Entry::Rights(_) | Entry::Reset => None,
    });
    changes.flat_map(|change| view.told(change, &mut Encoded::default()))
}

/// Whether a subscriber cannot go on beyond this.
fn begins_anew(entry: &Entry, user: Option<&str>) -> bool {
    match entry {
        Entry::Change(_) => false,
        Entry::Rights(whose) => Some(&**whose) == user,
        Entry::Reset => true,
    }
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
