//! Broker: what carries publications between nodes. Delivery to a node's own members is not its business.

mod envelope;
mod inbound;
mod memory;
mod outbound;
mod parcel;
mod publication;
mod status;
mod streams;
mod uplink;

pub(crate) use envelope::Letter;
pub use inbound::Inbound;
#[cfg(feature = "testing")]
pub(crate) use inbound::Listen;
pub use memory::MemoryBroker;
pub use parcel::{Parcel, Refused};
pub(crate) use publication::{Publication, Stamp};
pub use status::{BrokerStats, Readiness};
pub(crate) use streams::{Heard, Streams};
pub(crate) use uplink::{Receiver, Uplink};

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::error::Result;

/// The future a [`Broker`] or a [`Session`] answers with.
pub type BrokerFuture<'a, T = ()> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// A publish/subscribe service that nodes reach each other through.
///
/// An implementation is thin: it opens a [`Session`] and moves bytes. All that brokers have in common is Sockeye's: what a
/// node is subscribed to, the bytes' form, telling own from foreign and new from old messages, batches, heartbeats,
/// connecting again, and telling members what they may have missed.
pub trait Broker: Send + Sync + 'static {
    /// What it is and where, for errors and the log, without credentials: `Redis at 10.0.0.7:6379`.
    fn describe(&self) -> String;

    /// Opens a session. Messages of its subscriptions, and its end, are told to `inbound`.
    ///
    /// Called again, after a while that grows up to a second, when it failed, took longer than 5 s or its session ended.
    ///
    /// # Errors
    /// When the service is out of reach or refuses; the error's text reaches the log.
    ///
    /// # Cancel safety
    /// Dropped when it takes too long; must then leave nothing open.
    fn connect(&self, inbound: Inbound) -> BrokerFuture<'_, Box<dyn Session>>;
}

/// A connection to the service, or several that live and die as one. Dropped when it has ended, and must then close
/// whatever it had open.
///
/// Each of the futures is given up after 5 s, which ends the session. `publish` is called by one caller at a time, `subscribe`
/// and `unsubscribe` by another, `ping` by a third.
pub trait Session: Send + Sync + 'static {
    /// Publishes in order, everything in one go if it can. Finishes when the service has taken all, but for those that it
    /// has refused: too long, or not allowed. They are lost, and their subscribers are told.
    ///
    /// # Errors
    /// When nobody can know what it has taken; the session is over then.
    fn publish<'a>(&'a self, parcels: &'a [Parcel]) -> BrokerFuture<'a, Vec<Refused>>;

    /// Subscribes to topics, at most 512 in a call; finishes when all are live, but for those that the service refuses: what
    /// anybody publishes afterwards arrives. Who wants a refused one is told; it may be asked for again, and unsubscribed.
    ///
    /// # Errors
    /// When nobody can know what is live; the session is over then.
    fn subscribe<'a>(&'a self, topics: &'a [Arc<str>]) -> BrokerFuture<'a, Vec<Refused>>;

    /// Ends subscriptions, those among them that there are; at most 512 in a call.
    ///
    /// # Errors
    /// When that failed; the session is over then.
    fn unsubscribe<'a>(&'a self, topics: &'a [Arc<str>]) -> BrokerFuture<'a>;

    /// Finishes when the service has answered on the way on which messages arrive.
    ///
    /// # Errors
    /// When it did not; the session is over then.
    fn ping(&self) -> BrokerFuture<'_>;
}
