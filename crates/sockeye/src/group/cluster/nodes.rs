//! Nodes: which other nodes are alive, as far as they have been heard of.

use foldhash::{HashMap, HashMapExt};
use parking_lot::Mutex;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

use crate::id::NodeId;

/// More than a cluster has; what else is heard of on the broker is none of it.
const NODES_MAX: usize = 1024;

/// How long others may take to answer a greeting. Until then nobody is asked: it would not be known who is there.
const GREETING: Duration = Duration::from_millis(500);

/// The other nodes, and when each was last heard.
#[derive(Debug)]
pub(crate) struct Nodes {
    heard: Mutex<HashMap<NodeId, Instant>>,
    /// When this node has greeted the others last.
    greeted: Mutex<Option<Instant>>,
}

impl Nodes {
    pub(crate) fn new() -> Self {
        Self {
            heard: Mutex::new(HashMap::new()),
            greeted: Mutex::new(None),
        }
    }

    /// Hears a node; true when nothing was known of it.
    pub(crate) fn hear(&self, node: NodeId) -> bool {
        let mut heard = self.heard.lock();
        let has_room = heard.len() < NODES_MAX || heard.contains_key(&node);
        has_room && heard.insert(node, Instant::now()).is_none()
    }

    /// Forgets a node.
    pub(crate) fn forget(&self, node: NodeId) {
        self.heard.lock().remove(&node);
    }

    /// Greets them. All have the time of a lease from now on: they could not be heard.
    pub(crate) fn greet(&self) {
        *self.greeted.lock() = Some(Instant::now());
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

    /// Finishes when those that were greeted have had the time to answer: at once, but for a moment after that.
    pub(crate) async fn met(&self) {
        let greeted = *self.greeted.lock();
        if let Some(greeted) = greeted {
            sleep_until(greeted + GREETING).await;
        }
    }

    /// Those that are alive.
    pub(crate) fn alive(&self) -> Vec<NodeId> {
        self.heard.lock().keys().copied().collect()
    }
}
