//! Stats: what a node owns and has done, in figures.

use crate::broker::BrokerStats;

/// What a node owns right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Connections open or ending.
    pub connections: usize,
    /// Connections taken in since the start.
    pub accepted: u64,
    /// Those of them that no shard watches itself: over TLS, HTTP/2 or a server's own stream, on other systems than
    /// Linux, or because [`HubOptions::watch_sockets`](crate::HubOptions::watch_sockets) says so. They cost a few hundred bytes and some work more each,
    /// because something stays between the socket and the engine.
    pub polled: u64,
    /// Groups with members here.
    pub groups: usize,
    /// Memberships in them: one for each group of each connection.
    pub memberships: usize,
    /// Tasks that handlers have spawned for their connections and that are not gone yet.
    pub tasks: usize,
    /// Messages compressed since the start: a broadcast once, however many members get it compressed.
    pub compressed: u64,
    /// How often since the start a handler blocked its shard for longer than
    /// [`HubOptions::blocked_after`](crate::HubOptions::blocked_after); the log names each.
    pub blocked: u64,
    /// Messages since the start that slow members of groups lost by their groups' [`Overflow`](crate::Overflow): one
    /// for each message and member.
    pub dropped: u64,
    /// What was exchanged with other nodes.
    pub broker: BrokerStats,
}
