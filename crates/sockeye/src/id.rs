//! Identities: of a connection and of the server process that owns it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// One server process in a cluster: random, so a restarted process is another node.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(u64);

impl NodeId {
    pub(crate) fn random() -> Self {
        Self(uuid::Uuid::new_v4().as_u64_pair().0)
    }

    /// The node of that number.
    pub(crate) fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    pub(crate) fn to_bits(self) -> u64 {
        self.0
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One connection, unique across nodes and restarts; 32 hexadecimal digits when shown.
///
/// It tells connections apart and is no secret: never let a client in because it knows one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId {
    node: NodeId,
    local: u64,
}

impl ConnectionId {
    /// The node that owns the connection.
    #[must_use]
    pub fn node(&self) -> NodeId {
        self.node
    }

    /// The connection that is shown so.
    pub(crate) fn parse(shown: &str) -> Option<Self> {
        let (node, local) = shown.split_at_checked(16)?;
        Some(Self {
            node: NodeId(u64::from_str_radix(node, 16).ok()?),
            local: u64::from_str_radix(local, 16).ok()?,
        })
    }

    /// The connection of that number on its node.
    pub(crate) fn of(node: NodeId, local: u64) -> Self {
        Self { node, local }
    }

    /// Its number on its node.
    pub(crate) fn local(&self) -> u64 {
        self.local
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:016x}", self.node, self.local)
    }
}

impl fmt::Debug for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Hands out the connection ids of one node.
#[derive(Debug)]
pub(crate) struct ConnectionIds {
    node: NodeId,
    next: AtomicU64,
}

impl ConnectionIds {
    pub(crate) fn new(node: NodeId) -> Self {
        let next = AtomicU64::new(1);
        Self { node, next }
    }

    pub(crate) fn next(&self) -> ConnectionId {
        ConnectionId {
            node: self.node,
            local: self.next.fetch_add(1, Ordering::Relaxed),
        }
    }
}

/// What tells users apart: the id that a [`User`](crate::User) has, as text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct UserId(Arc<str>);

impl UserId {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for UserId {
    fn from(id: &str) -> Self {
        Self(id.into())
    }
}

impl std::borrow::Borrow<str> for UserId {
    fn borrow(&self) -> &str {
        &self.0
    }
}
