//! Broker: what carries publications between nodes. Delivery to a node's own members is not its business.

mod memory;

pub use memory::MemoryBroker;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::connection::Frame;
use crate::error::Error;
use crate::id::NodeId;
use crate::message::MessageKind;

/// The future a [`Broker`] answers with.
pub type BrokerFuture<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>>;

/// Carries publications from the node they were made on to every other node that subscribed to their topic.
///
/// Promised to the members of a topic: at most once, and in order per publishing node. A broker that cannot keep the
/// order or that lost something must not hide it. All methods may be called from many threads at once.
pub trait Broker: Send + Sync + 'static {
    /// Says where publications of other nodes go. Called once, before anything else.
    fn events(&self, node: NodeId, events: Events);

    /// Hands a publication to the other nodes, without waiting. Each publisher calls in its order; several may call at
    /// once.
    ///
    /// # Errors
    /// `Broker` when it is out of reach, `Full` when too much waits already; nothing was sent then.
    fn publish(&self, publication: &Publication) -> Result<(), Error>;

    /// Finishes when the subscription is live: what others publish afterwards arrives.
    fn subscribe<'a>(&'a self, topic: &'a str) -> BrokerFuture<'a>;

    /// Ends a subscription, if there is one: also called after a `subscribe` that failed or was dropped, which may have
    /// gone through all the same. Never called while a `subscribe` of the same topic is under way.
    fn unsubscribe<'a>(&'a self, topic: &'a str) -> BrokerFuture<'a>;
}

/// A message on its way to the members of a topic, framed already: no node decodes or encodes it again.
#[derive(Clone, Debug)]
pub struct Publication {
    topic: Arc<str>,
    frame: Frame,
    for_handlers: bool,
}

impl Publication {
    pub(crate) fn new(topic: Arc<str>, frame: Frame, for_handlers: bool) -> Self {
        Self {
            topic,
            frame,
            for_handlers,
        }
    }

    /// The topic it goes to.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// The message's bytes.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        self.frame.payload().1
    }

    /// What the message is about, where its publisher has [said so](crate::Group::keyed); other nodes need it too.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.frame.key().map(AsRef::as_ref)
    }

    /// Whether the members' [handlers](crate::Group::notify) get it, and not their clients.
    #[must_use]
    pub fn is_for_handlers(&self) -> bool {
        self.for_handlers
    }

    /// Whether they are text.
    #[must_use]
    pub fn kind(&self) -> MessageKind {
        self.frame.payload().0
    }

    pub(crate) fn frame(&self) -> &Frame {
        &self.frame
    }
}

/// Where a broker hands in what other nodes published.
#[derive(Clone)]
pub struct Events(Arc<dyn Fn(&Publication) + Send + Sync>);

impl Events {
    pub(crate) fn new(deliver: impl Fn(&Publication) + Send + Sync + 'static) -> Self {
        Self(Arc::new(deliver))
    }

    /// Delivers a publication to this node's members; does not wait for them.
    pub fn publication(&self, publication: &Publication) {
        (self.0)(publication);
    }
}

impl std::fmt::Debug for Events {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Events")
    }
}
