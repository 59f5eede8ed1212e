//! Outage: the hands that take a broker's service away and give it back.

use std::future::Future;
use std::pin::Pin;

use crate::broker::MemoryBroker;

/// The future of an [`Outage`].
pub type OutageFuture<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Ends and starts the service that a [`BrokerSuite`](crate::testing::BrokerSuite) runs against.
pub trait Outage: Send {
    /// Ends the service, so that no session survives: whether by asking or by killing it is up to you, and both in turn
    /// are best.
    fn down(&mut self) -> OutageFuture<'_>;

    /// Starts it again where it was, without its memory; finishes when it answers.
    fn up(&mut self) -> OutageFuture<'_>;

    /// Stops it where it is: connections stay, nothing answers. False, which is the default, where that cannot be done.
    fn freeze(&mut self) -> bool {
        false
    }

    /// Lets it go on.
    fn thaw(&mut self) {}
}

/// [`fail`](MemoryBroker::fail) and [`recover`](MemoryBroker::recover).
impl Outage for MemoryBroker {
    fn down(&mut self) -> OutageFuture<'_> {
        self.fail();
        Box::pin(std::future::ready(()))
    }

    fn up(&mut self) -> OutageFuture<'_> {
        self.recover();
        Box::pin(std::future::ready(()))
    }
}
