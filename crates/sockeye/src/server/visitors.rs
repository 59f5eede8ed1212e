//! Visitors: the clients of a server that speak HTTP with it, and how they are seen off.

use tokio::sync::watch;

/// Those inside. Dropped, it ends them all at once.
pub(crate) struct Visitors(watch::Sender<()>);

impl Visitors {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(()))
    }

    /// Counts a client in, for as long as the watch on its end lives.
    pub(crate) fn admit(&self) -> Leaving {
        Leaving(self.0.subscribe())
    }

    /// Asks each to finish the requests that it has in flight, and waits until all have gone.
    pub(crate) async fn see_off(&self) {
        self.0.send_replace(());
        self.0.closed().await;
    }
}

/// What one client's task hears of the end.
pub(crate) struct Leaving(watch::Receiver<()>);

/// How a client has to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leave {
    /// After the requests in flight.
    Finished,
    /// As it is: the server is gone.
    AtOnce,
}

impl Leaving {
    /// Waits until the client has to leave; told once to finish, it waits on for the end of the server.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    pub(crate) async fn told(&mut self) -> Leave {
        match self.0.changed().await {
            Ok(()) => Leave::Finished,
            Err(_) => Leave::AtOnce,
        }
    }
}
