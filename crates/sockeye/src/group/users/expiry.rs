//! Expiry: ends the connections whose credentials have run out.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::connection::{Cause, Disconnect};
use crate::group::users::login::Login;

/// The logins of a node that end at some time, in that order. One task waits for the next of them, while there is one.
#[derive(Default)]
pub(crate) struct Expiry {
    due: Mutex<Due>,
    /// The next one is another than it was.
    changed: Notify,
}

#[derive(Default)]
struct Due {
    /// By time, and by address among those of the same time.
    logins: BTreeMap<(Instant, usize), Weak<Login>>,
    waits: bool,
}

impl Due {
    fn next(&self) -> Option<Instant> {
        self.logins.keys().next().map(|(at, _)| *at)
    }
}

impl Expiry {
    /// Says when a login ends, in place of what was said before; `None` is never.
    pub(super) fn set(self: &Arc<Self>, login: &Arc<Login>, at: Option<Instant>) {
        let mut known = login.expires.lock();
        if *known == at {
            return;
        }
        let address = Arc::as_ptr(login).addr();
        let mut due = self.due.lock();
        let next = due.next();
        if let Some(before) = known.take() {
            due.logins.remove(&(before, address));
        }
        if let Some(at) = at {
            due.logins.insert((at, address), Arc::downgrade(login));
        }
        *known = at;
        if due.next() != next {
            self.changed.notify_one();
        }
        if at.is_some() && !due.waits {
            due.waits = true;
            tokio::spawn(Arc::clone(self).wait());
        }
    }

    async fn wait(self: Arc<Self>) {
        while let Some(next) = self.end_due() {
            // Over either way it looks again.
            let _ = timeout_at(next, self.changed.notified()).await;
        }
    }

    /// Ends what is due; gives when the next one is, or notes that nobody waits any more.
    fn end_due(&self) -> Option<Instant> {
        let now = Instant::now();
        let mut ended = Vec::new();
        let mut due = self.due.lock();
        while due.next().is_some_and(|at| at <= now) {
            ended.extend(due.logins.pop_first());
        }
        let next = due.next();
        due.waits = next.is_some();
        drop(due);
        for (_, login) in ended {
            if let Some(login) = login.upgrade() {
                login.end(Disconnect::because(Cause::Expired));
            }
        }
        next
    }
}
