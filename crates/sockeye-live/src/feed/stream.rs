//! Stream: the changes of one resource, on their way to its views.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use sockeye::{Hub, NodeId};
use tokio::sync::{Mutex, MutexGuard};

use crate::error::Result;
use crate::feed::counters::Counters;
use crate::feed::ring::{Entry, Ring};
use crate::feed::subscriber::{Subscriber, Subscribers};
use crate::log::Change;
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

/// A stream that is held.
#[derive(Debug)]
pub(crate) struct Gate {
    table: Arc<Table>,
    ring: Ring,
    views: HashMap<(NodeId, String), Weak<View>>,
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
    /// As those of [`View::new`].
    pub(crate) fn view(&mut self, scope: &Scope, hub: &Hub) -> Result<Arc<View>> {
        let key = (hub.node(), scope.id(""));
        if let Some(view) = self.views.get(&key).and_then(Weak::upgrade) {
            return Ok(view);
        }
        let view = Arc::new(View::new(&self.table, scope.clone(), hub)?);
        self.views.insert(key, Arc::downgrade(&view));
        Ok(view)
    }

    pub(crate) fn subscribers(&self) -> usize {
        self.subscribers.len()
    }

    pub(crate) fn views(&self) -> usize {
        self.views
            .values()
            .filter(|view| view.strong_count() > 0)
            .count()
    }

    fn tell(&mut self, change: &Change) {
        let mut encoded = Encoded::default();
        self.views.retain(|_, view| view.strong_count() > 0);
        for view in self.views.values().filter_map(Weak::upgrade) {
            self.counters.evaluated();
            let mut events = view.told(change, &mut encoded).into_iter();
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
