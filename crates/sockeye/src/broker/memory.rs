//! MemoryBroker: carries publications between the nodes of one process.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use parking_lot::RwLock;
use smallvec::SmallVec;

use crate::broker::{Broker, BrokerFuture, Events, Publication};
use crate::error::Error;
use crate::id::NodeId;

/// The broker of a process on its own, and of several nodes within one process, as tests want them.
///
/// ```
/// use sockeye::{Hub, MemoryBroker};
///
/// let broker = MemoryBroker::new();
/// let one = Hub::with_broker(broker.clone_for_node());
/// let other = Hub::with_broker(broker);
/// # let _ = (one, other);
/// ```
#[derive(Debug, Default)]
pub struct MemoryBroker {
    bus: Arc<Bus>,
    node: OnceLock<NodeId>,
}

#[derive(Debug, Default)]
struct Bus {
    ports: RwLock<Vec<Port>>,
    /// How many there are, for nodes that are alone: their publications look no further.
    count: AtomicUsize,
}

impl Bus {
    fn change<T>(&self, change: impl FnOnce(&mut Vec<Port>) -> T) -> T {
        let mut ports = self.ports.write();
        let changed = change(&mut ports);
        self.count.store(ports.len(), Ordering::Release);
        changed
    }
}

/// One node's end of the bus.
#[derive(Debug)]
struct Port {
    node: NodeId,
    events: Events,
    topics: HashSet<Box<str>>,
}

impl MemoryBroker {
    /// A broker for one node, with no other on its bus yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A broker for another node on the same bus.
    #[must_use]
    pub fn clone_for_node(&self) -> Self {
        Self {
            bus: Arc::clone(&self.bus),
            node: OnceLock::new(),
        }
    }

    fn own_port<T>(&self, change: impl FnOnce(&mut Port) -> T) -> Option<T> {
        self.bus.change(|ports| {
            ports
                .iter_mut()
                .find(|port| Some(&port.node) == self.node.get())
                .map(change)
        })
    }
}

impl Broker for MemoryBroker {
    fn events(&self, node: NodeId, events: Events) {
        if self.node.set(node).is_ok() {
            let port = Port {
                node,
                events,
                topics: HashSet::new(),
            };
            self.bus.change(|ports| ports.push(port));
        }
    }

    fn publish(&self, publication: &Publication) -> Result<(), Error> {
        if self.bus.count.load(Ordering::Acquire) < 2 {
            return Ok(());
        }
        // Copied out, so that no lock is held while another node is at work: it may end meanwhile, and leave the bus.
        let others: SmallVec<[Events; 4]> = {
            let ports = self.bus.ports.read();
            let others = ports.iter().filter(|port| {
                Some(&port.node) != self.node.get() && port.topics.contains(publication.topic())
            });
            others.map(|port| port.events.clone()).collect()
        };
        for events in &others {
            events.publication(publication);
        }
        Ok(())
    }

    fn subscribe<'a>(&'a self, topic: &'a str) -> BrokerFuture<'a> {
        self.own_port(|port| port.topics.insert(topic.into()));
        Box::pin(std::future::ready(Ok(())))
    }

    fn unsubscribe<'a>(&'a self, topic: &'a str) -> BrokerFuture<'a> {
        self.own_port(|port| port.topics.remove(topic));
        Box::pin(std::future::ready(Ok(())))
    }
}

impl Drop for MemoryBroker {
    fn drop(&mut self) {
        if let Some(node) = self.node.get() {
            self.bus
                .change(|ports| ports.retain(|port| port.node != *node));
        }
    }
}
