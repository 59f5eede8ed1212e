//! Stream: the changes of one resource, on their way to its views.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use sockeye::{Hub, NodeId};
use tokio::sync::{Mutex, MutexGuard};

use crate::error::{Error, ErrorKind, Result};
use crate::feed::counters::Counters;
use crate::feed::ring::{Entry, Ring};
use crate::feed::subscriber::{Subscriber, Subscribers};
use crate::log::Change;
use crate::row::Columns;
use crate::table::Table;
use crate::view::{Encoded, Scope, View};

/// One resource's changes, views and subscribers on this node.
#[derive(Debug)]
pub(crate) struct Stream {
    gate: Mutex<Gate>,
}

impl Stream {
    /// A stream of what comes after `position`.
    pub(crate) fn new(table: Arc<Table>, position: i64, counters: Arc<Counters>) -> Self {
        let gate = Mutex::new(Gate {
            table,
            ring: Ring::new(position),
            views: HashMap::new(),
            subscribers: Subscribers::default(),
            counters,
        });
        Self { gate }
    }

    /// Holds the stream: no change is handed out meanwhile.
    pub(crate) async fn hold(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().await
    }
}

/// What tells views apart. The scope as it is: those of a hash that are equal would see each other's rows.
type ViewKey = (NodeId, (String, Columns));

/// Distinct views of a resource on a node: each is looked at for every change.
const VIEWS_MAX: usize = 10_000;

/// A stream that is held.
#[derive(Debug)]
pub(crate) struct Gate {
    table: Arc<Table>,
    ring: Ring,
    views: HashMap<ViewKey, (Scope, Weak<View>)>,
    subscribers: Subscribers,
    counters: Arc<Counters>,
}

impl Gate {
    /// Hands out what happened at a position. Waits for nobody.
    pub(crate) fn hand_out(&mut self, position: i64, bytes: usize, entry: Entry) {
        match &entry {
            Entry::Change(change) => self.tell(change),
            Entry::Rights(user) => self.subscribers.outdate_user(user, position),
            Entry::Reset => self.subscribers.outdate_all(position),
        }
        self.ring.push(position, bytes, entry);
    }

    /// After a hole in the log nobody here can be told what happened.
    pub(crate) fn reset(&mut self, position: i64) {
        self.ring = Ring::new(position);
        // Whatever they read, it may have been of another log.
        self.subscribers.outdate_all(i64::MAX);
    }

    /// Lets the feed know of somebody who is on the way in.
    pub(crate) fn enroll(&mut self, subscriber: &Arc<Subscriber>) {
        self.subscribers.enroll(subscriber);
    }

    /// What happened after a position, `most` at most, each with its place; `None` when some of it is gone.
    pub(crate) fn after(&self, position: i64, most: usize) -> Option<Vec<(i64, Entry)>> {
        let entries = self.ring.after(position)?.take(most);
        Some(
            entries
                .map(|(position, _, entry)| (*position, entry.clone()))
                .collect(),
        )
    }

    /// The view of a scope, made when there is none.
    ///
    /// # Errors
    /// `Busy` when there are too many already; as those of [`View::new`].
    pub(crate) fn view(&mut self, scope: &Scope, hub: &Hub) -> Result<Arc<View>> {
        let key = (hub.node(), scope.key());
        let known = self.views.get(&key);
        if let Some(view) = known.and_then(|(_, view)| view.upgrade()) {
            return Ok(view);
        }
        self.sweep();
        if self.views.len() >= VIEWS_MAX {
            let text = format!("cannot subscribe: {VIEWS_MAX} different views are watched already");
            return Err(Error::new(ErrorKind::Busy, text));
        }
        let view = Arc::new(View::new(&self.table, hub)?);
        self.views
            .insert(key, (scope.clone(), Arc::downgrade(&view)));
        Ok(view)
    }

    /// Forgets the views that nobody watches.
    fn sweep(&mut self) {
        self.views.retain(|_, (_, view)| view.strong_count() > 0);
    }

    pub(crate) fn subscribers(&self) -> usize {
        self.subscribers.len()
    }

    pub(crate) fn views(&self) -> usize {
        let views = self.views.values();
        views.filter(|(_, view)| view.strong_count() > 0).count()
    }

    fn tell(&mut self, change: &Change) {
        let mut encoded = Encoded::default();
        self.sweep();
        for (scope, view) in self.views.values() {
            let Some(view) = view.upgrade() else { continue };
            self.counters.evaluated();
            let mut events = scope.told(&self.table, change, &mut encoded).into_iter();
            if let Err(error) = events.try_for_each(|event| self.publish(&view, event)) {
                // Some of them may have missed it.
                tracing::warn!(view = %view.group().name(), %error, "subscribers begin anew");
                self.subscribers.outdate_view(&view, change.position);
            }
        }
    }

    fn publish(&self, view: &View, event: String) -> sockeye::Result<()> {
        self.counters.told();
        view.group().broadcast(event)
    }
}
