//! Floor: everything between a test's clients and their server, and whether it has come to rest.

use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;

use crate::group::Hub;
use crate::testing::session::Session;

/// What the clients of one server share.
pub(crate) struct Floor {
    pub(crate) hub: Hub,
    sessions: Mutex<Vec<Weak<Session>>>,
}

/// Looks in a row that must find nothing to do: tasks of the application that were called meanwhile had their turn
/// in between, and those that they called.
const LOOKS: usize = 8;

/// How often somebody who waits for a hook looks again.
const PAUSE: Duration = Duration::from_millis(1);

impl Floor {
    pub(crate) fn new(hub: Hub) -> Self {
        let sessions = Mutex::default();
        Self { hub, sessions }
    }

    /// Counts a client in, for as long as it lives.
    pub(crate) fn enter(&self, session: &Arc<Session>) {
        let mut sessions = self.sessions.lock();
        sessions.retain(|session| session.strong_count() > 0);
        sessions.push(Arc::downgrade(session));
    }

    /// Waits until nothing more will happen unless time passes or somebody sends something: no byte is on its way, no
    /// shard has work, no hook of a trait handler runs.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    pub(crate) async fn settle(&self) {
        while !self.stays_calm().await || self.hub.engine().running_hooks().await > 0 {
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Lets everybody work; false when what is left takes time.
    async fn stays_calm(&self) -> bool {
        let mut calm = 0;
        while calm < LOOKS {
            tokio::task::yield_now().await;
            calm = if self.is_calm() { calm + 1 } else { 0 };
            if self.is_under_way() {
                return false;
            }
        }
        true
    }

    fn is_calm(&self) -> bool {
        let calm = |session: &Weak<Session>| session.upgrade().is_none_or(|it| it.is_calm());
        let hub = &self.hub;
        hub.is_settled() && hub.engine().is_asleep() && self.sessions.lock().iter().all(calm)
    }

    /// Whether something travels that takes its time.
    fn is_under_way(&self) -> bool {
        let delayed = |session: &Weak<Session>| {
            let session = session.upgrade();
            session.is_some_and(|it| it.lanes().iter().any(|lane| lane.is_under_way()))
        };
        self.sessions.lock().iter().any(delayed)
    }
}
