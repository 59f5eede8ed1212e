//! MemoryBroker: carries publications between the nodes of one process.

use std::collections::HashSet;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use smallvec::SmallVec;

use crate::broker::{Broker, BrokerFuture, Inbound, Parcel, Refused, Session};
use crate::error::{Error, Result};

/// Joins several nodes within one process, as tests want them. Clones are brokers of further nodes.
///
/// ```
/// use sockeye::{Hub, MemoryBroker};
///
/// let broker = MemoryBroker::new();
/// let one = Hub::with_broker(broker.clone());
/// let other = Hub::with_broker(broker);
/// # let _ = (one, other);
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryBroker {
    bus: Arc<Bus>,
}

#[derive(Debug, Default)]
struct Bus {
    ports: RwLock<Vec<Arc<Port>>>,
    is_down: Mutex<bool>,
}

/// One session's end of the bus.
#[derive(Debug)]
struct Port {
    inbound: Inbound,
    topics: RwLock<HashSet<Arc<str>>>,
}

impl MemoryBroker {
    /// A broker with no node on it yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Fails for all its nodes, for tests of what happens then: sessions end, and none begins until
    /// [`recover`](Self::recover).
    pub fn fail(&self) {
        *self.bus.is_down.lock() = true;
        let ports = std::mem::take(&mut *self.bus.ports.write());
        for port in ports {
            port.inbound.ended(down());
        }
    }

    /// Works again.
    pub fn recover(&self) {
        *self.bus.is_down.lock() = false;
    }
}

impl Broker for MemoryBroker {
    fn describe(&self) -> String {
        "the broker in memory".to_owned()
    }

    fn connect(&self, inbound: Inbound) -> BrokerFuture<'_, Box<dyn Session>> {
        let connect = || {
            let is_down = self.bus.is_down.lock();
            if *is_down {
                return Err(down());
            }
            let port = Arc::new(Port {
                inbound,
                topics: RwLock::default(),
            });
            self.bus.ports.write().push(Arc::clone(&port));
            let bus = Arc::clone(&self.bus);
            Ok(Box::new(Plugged { bus, port }) as Box<dyn Session>)
        };
        Box::pin(std::future::ready(connect()))
    }
}

/// A node's session; dropped, it is off the bus.
struct Plugged {
    bus: Arc<Bus>,
    port: Arc<Port>,
}

impl Plugged {
    fn answer(&self) -> Result<()> {
        let ports = self.bus.ports.read();
        let is_plugged = ports.iter().any(|port| self.is_own(port));
        is_plugged.then_some(()).ok_or_else(down)
    }

    fn is_own(&self, port: &Arc<Port>) -> bool {
        Arc::ptr_eq(port, &self.port)
    }

    fn change(&self, change: impl FnOnce(&mut HashSet<Arc<str>>)) -> Result<()> {
        change(&mut self.port.topics.write());
        self.answer()
    }

    fn give(&self, parcel: &Parcel) {
        // Copied out, so that no lock is held while another node is at work: it may end meanwhile, and leave the bus.
        let others: SmallVec<[Arc<Port>; 4]> = {
            let ports = self.bus.ports.read();
            let others = ports
                .iter()
                .filter(|port| !self.is_own(port) && port.topics.read().contains(parcel.topic()));
            others.cloned().collect()
        };
        for port in &others {
            port.inbound.message(parcel.topic(), parcel.bytes());
        }
    }
}

impl Session for Plugged {
    fn publish<'a>(&'a self, parcels: &'a [Parcel]) -> BrokerFuture<'a, Vec<Refused>> {
        parcels.iter().for_each(|parcel| self.give(parcel));
        let taken = self.answer().map(|()| Vec::new());
        Box::pin(std::future::ready(taken))
    }

    fn subscribe<'a>(&'a self, topics: &'a [Arc<str>]) -> BrokerFuture<'a, Vec<Refused>> {
        let live = self.change(|known| known.extend(topics.iter().cloned()));
        Box::pin(std::future::ready(live.map(|()| Vec::new())))
    }

    fn unsubscribe<'a>(&'a self, topics: &'a [Arc<str>]) -> BrokerFuture<'a> {
        let ended = self.change(|known| {
            for topic in topics {
                known.remove(topic);
            }
        });
        Box::pin(std::future::ready(ended))
    }

    fn ping(&self) -> BrokerFuture<'_> {
        Box::pin(std::future::ready(self.answer()))
    }
}

impl Drop for Plugged {
    fn drop(&mut self) {
        let mut ports = self.bus.ports.write();
        ports.retain(|port| !self.is_own(port));
    }
}

fn down() -> Error {
    Error::new("it was made to fail")
}
