//! Publication: a message on its way to the members of a topic, and what tells it from all others.

use std::sync::Arc;

use crate::connection::Frame;
use crate::id::NodeId;

/// A message for the members of a topic, framed already: no node decodes or encodes it again.
#[derive(Clone, Debug)]
pub(crate) struct Publication {
    pub(crate) topic: Arc<str>,
    pub(crate) frame: Frame,
    /// Whether the members' handlers get it, and not their clients.
    pub(crate) for_handlers: bool,
}

/// Which message of which node it is: a node counts what it publishes to a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) node: NodeId,
    /// Which of the node's counts of the topic: a later one has a higher number and begins at 1 again.
    pub(crate) stream: u64,
    pub(crate) sequence: u64,
}
