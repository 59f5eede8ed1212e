//! Status: whether a node can reach the others, and what it has exchanged with them.

use std::fmt;
use std::sync::Arc;

/// Whether a node is fit to take new clients in: what a load balancer wants to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readiness(Option<Arc<str>>);

impl Readiness {
    pub(crate) const READY: Self = Self(None);

    pub(crate) fn not_yet(why: impl Into<Arc<str>>) -> Self {
        Self(Some(why.into()))
    }

    /// Whether it is. A node that is not still serves whoever comes: its groups reach its own members.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.0.is_none()
    }
}

impl fmt::Display for Readiness {
    /// `ready`, or why not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_deref().unwrap_or("ready"))
    }
}

/// What a node has exchanged with the others. Zero in a process on its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BrokerStats {
    /// Sessions with the broker since the start: one, and one more for each time it was lost and found again.
    pub sessions: u64,
    /// Messages to groups since the start that the broker has taken; what nodes tell each other is not counted.
    pub published: u64,
    /// Messages since the start that never reached it: refused while it was away or too much waited, or on their way when
    /// it went.
    pub lost: u64,
    /// Messages since the start that came from other nodes and programs, for groups with members here.
    pub received: u64,
    /// Messages since the start that came a second time and were thrown away.
    pub repeated: u64,
    /// Messages since the start that could not be read and were thrown away.
    pub unreadable: u64,
    /// Gaps since the start that members were told of: one for each group and time.
    pub gaps: u64,
    /// Groups that the node wants to hear of.
    pub subscriptions: usize,
    /// Messages that wait for the broker.
    pub waiting: usize,
}
