//! Inbound: where a session hands in what it receives.

use std::fmt;
use std::sync::Arc;

use crate::error::Error;

/// What becomes of the news of one session. A session that has ended may go on telling: nobody listens then.
#[derive(Clone)]
pub struct Inbound(Arc<dyn Listen>);

/// Who listens to a session.
pub(crate) trait Listen: Send + Sync {
    fn message(&self, topic: &str, bytes: &[u8]);
    fn missed(&self, what: &str);
    fn ended(&self, error: Error);
}

impl Inbound {
    pub(crate) fn new(listener: Arc<dyn Listen>) -> Self {
        Self(listener)
    }

    /// Hands in a message: of each topic in the order in which they arrived, from one caller at a time. Does not wait.
    pub fn message(&self, topic: &str, bytes: &[u8]) {
        self.0.message(topic, bytes);
    }

    /// Says that messages of any topic were lost while the session went on, and why: members of all groups are told.
    pub fn missed(&self, why: &str) {
        self.0.missed(why);
    }

    /// Says that the session is over, and why. Only the first time counts.
    pub fn ended(&self, why: Error) {
        self.0.ended(why);
    }
}

impl fmt::Debug for Inbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inbound")
    }
}
