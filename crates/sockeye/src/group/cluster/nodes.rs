//! Nodes: which other nodes are alive, as far as they have been heard of.

use foldhash::{HashMap, HashMapExt};
use parking_lot::Mutex;
use std::time::Duration;
use tokio::time::Instant;

use crate::id::NodeId;

/// More than a cluster has; what else is heard of on the broker is none of it.
const NODES_MAX: usize = 1024;

/// The other nodes, and when each was last heard.
#[derive(Debug)]
pub(crate) struct Nodes {
    heard: Mutex<HashMap<NodeId, Instant>>,
}

impl Nodes {
    pub(crate) fn new() -> Self {
        Self {
            heard: Mutex::new(HashMap::new()),
        }
    }

    /// Hears a node.
    pub(crate) fn hear(&self, node: NodeId) {
        let mut heard = self.heard.lock();
        if heard.len() < NODES_MAX || heard.contains_key(&node) {
            heard.insert(node, Instant::now());
        }
    }

    /// Forgets a node.
    pub(crate) fn forget(&self, node: NodeId) {
        self.heard.lock().remove(&node);
    }

    /// Gives all of them the time of a lease from now on: they could not be heard.
    pub(crate) fn excuse(&self) {
        let mut heard = self.heard.lock();
        heard.values_mut().for_each(|at| *at = Instant::now());
    }

    /// Forgets those whose lease has run out, and gives them.
    pub(crate) fn expire(&self, lease: Duration) -> Vec<NodeId> {
        let mut heard = self.heard.lock();
        let late = heard.iter().filter(|(_, at)| at.elapsed() > lease);
        let late: Vec<_> = late.map(|(node, _)| *node).collect();
        for node in &late {
            heard.remove(node);
        }
        late
    }

    /// Those that are alive.
    pub(crate) fn alive(&self) -> Vec<NodeId> {
        self.heard.lock().keys().copied().collect()
    }
}
