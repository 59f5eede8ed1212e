//! Detour: the way of one node to a broker, which can be cut while others reach it.

use std::sync::Arc;

use sockeye::{Broker, BrokerFuture, Inbound, MemoryBroker, Parcel, Refused, Session};

/// Leads to one broker as long as another, which nobody else uses, works.
pub(super) struct Detour {
    broker: MemoryBroker,
    way: MemoryBroker,
}

impl Detour {
    pub(super) fn new(broker: &MemoryBroker, way: &MemoryBroker) -> Self {
        let (broker, way) = (broker.clone(), way.clone());
        Self { broker, way }
    }
}

impl Broker for Detour {
    fn describe(&self) -> String {
        "a broker on a detour".to_owned()
    }

    fn connect(&self, inbound: Inbound) -> BrokerFuture<'_, Box<dyn Session>> {
        Box::pin(async move {
            let way = self.way.connect(inbound.clone()).await?;
            let session = self.broker.connect(inbound).await?;
            Ok(Box::new(Both { way, session }) as Box<dyn Session>)
        })
    }
}

struct Both {
    way: Box<dyn Session>,
    session: Box<dyn Session>,
}

impl Session for Both {
    fn publish<'a>(&'a self, parcels: &'a [Parcel]) -> BrokerFuture<'a, Vec<Refused>> {
        self.session.publish(parcels)
    }

    fn subscribe<'a>(&'a self, topics: &'a [Arc<str>]) -> BrokerFuture<'a, Vec<Refused>> {
        self.session.subscribe(topics)
    }

    fn unsubscribe<'a>(&'a self, topics: &'a [Arc<str>]) -> BrokerFuture<'a> {
        self.session.unsubscribe(topics)
    }

    fn ping(&self) -> BrokerFuture<'_> {
        Box::pin(async move {
            self.way.ping().await?;
            self.session.ping().await
        })
    }
}
