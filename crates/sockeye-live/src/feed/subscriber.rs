//! Subscriber: a connection that watches a resource, as the feed knows it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use sockeye::Sender;

use crate::view::View;

/// What the handler hears, as an event of its view, when it has to begin anew.
pub(crate) const ANEW: &str = "anew";

/// One subscription of one connection. Its handler owns it; the feed tells it when what it was let in by holds no more.
#[derive(Debug)]
pub(crate) struct Subscriber {
    sender: Sender,
    user: Option<Arc<str>>,
    /// The last place where its rights, or more of the table than can be told, changed.
    outdated: AtomicI64,
    view: Mutex<Option<Arc<View>>>,
}

impl Subscriber {
    pub(crate) fn new(sender: Sender, user: Option<Arc<str>>) -> Self {
        Self {
            sender,
            user,
            outdated: AtomicI64::new(i64::MIN),
            view: Mutex::default(),
        }
    }

    /// Whether what was read at a position holds no more.
    pub(crate) fn is_outdated_after(&self, position: i64) -> bool {
        self.outdated.load(Ordering::Acquire) > position
    }

    pub(crate) fn watch(&self, view: &Arc<View>) {
        *self.view.lock() = Some(Arc::clone(view));
    }

    pub(crate) fn view(&self) -> Option<Arc<View>> {
        self.view.lock().clone()
    }

    /// Ends what it gets, and has its handler begin anew.
    fn outdate(&self, position: i64) {
        self.outdated.fetch_max(position, Ordering::AcqRel);
        if let Some(view) = self.view()
            && let Err(error) = self.sender.expel(view.group(), ANEW)
        {
            tracing::error!(connection = %self.sender.id(), %error, "a subscriber cannot be told to begin anew");
        }
    }
}

/// All subscribers of a resource on this node, by their users.
#[derive(Debug, Default)]
pub(crate) struct Subscribers {
    of_users: HashMap<Option<Arc<str>>, Vec<Weak<Subscriber>>>,
    /// Enrolled since the gone ones were last swept out.
    enrolled: usize,
    swept: usize,
}

impl Subscribers {
    pub(crate) fn enroll(&mut self, subscriber: &Arc<Subscriber>) {
        // Swept when they may have doubled: a constant for each in the long run.
        if self.enrolled > self.swept {
            self.sweep();
        }
        self.enrolled += 1;
        let of_user = self.of_users.entry(subscriber.user.clone()).or_default();
        of_user.push(Arc::downgrade(subscriber));
    }

    fn sweep(&mut self) {
        self.of_users.retain(|_, of_user| {
            of_user.retain(|subscriber| subscriber.strong_count() > 0);
            !of_user.is_empty()
        });
        self.enrolled = 0;
        self.swept = self.of_users.values().map(Vec::len).sum();
    }

    /// Has those of a user begin anew who read before a position.
    pub(crate) fn outdate_user(&self, user: &Arc<str>, position: i64) {
        let of_user = self.of_users.get(&Some(Arc::clone(user)));
        outdate(of_user.into_iter().flatten(), position, |_| true);
    }

    /// The same with those of a view.
    pub(crate) fn outdate_view(&self, view: &Arc<View>, position: i64) {
        let is_of_view = |watched: &Subscriber| {
            let watched = watched.view();
            watched.is_some_and(|watched| Arc::ptr_eq(&watched, view))
        };
        outdate(self.of_users.values().flatten(), position, is_of_view);
    }

    /// The same with all.
    pub(crate) fn outdate_all(&self, position: i64) {
        outdate(self.of_users.values().flatten(), position, |_| true);
    }

    pub(crate) fn len(&self) -> usize {
        let all = self.of_users.values().flatten();
        all.filter(|subscriber| subscriber.strong_count() > 0)
            .count()
    }
}

fn outdate<'s>(
    subscribers: impl Iterator<Item = &'s Weak<Subscriber>>,
    position: i64,
    which: impl Fn(&Subscriber) -> bool,
) {
    let alive = subscribers.filter_map(Weak::upgrade);
    for subscriber in alive.filter(|subscriber| which(subscriber)) {
        subscriber.outdate(position);
    }
}
