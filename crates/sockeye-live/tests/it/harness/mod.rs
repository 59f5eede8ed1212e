//! The harness: a database of either kind, a server on it, and clients that speak to it over TCP.

mod base;
pub(crate) mod entities;
mod http;
mod socket;
mod writes;

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use sea_orm::DatabaseConnection;
use sockeye::{Server, ServerHandle};
use sockeye_live::{Live, Models};

pub(crate) use base::{Base, on_each};
pub(crate) use socket::Socket;

/// How long anything may take before a test gives up; no test's outcome depends on being faster.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for `what`, or fails the test with its name.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("waited {PATIENCE:?} in vain for {what}"),
    }
}

/// A server of live models that runs until it is dropped.
pub(crate) struct House {
    pub(crate) address: SocketAddr,
    pub(crate) live: Live,
    handle: ServerHandle,
}

impl House {
    /// Serves the models on a free port.
    pub(crate) async fn of<U: Sync + 'static>(models: Models<U>) -> Self {
        let live = models.start().await.unwrap();
        let routes = live.routes();
        let server = Server::bind("127.0.0.1:0").await.unwrap();
        let (address, handle) = (server.address().unwrap(), server.handle());
        tokio::spawn(server.run(routes));
        Self {
            address,
            live,
            handle,
        }
    }

    /// A client of a model's socket.
    pub(crate) async fn watch(&self, model: &str) -> Socket {
        Socket::open(self.address, &format!("/ws/{model}"), None)
            .await
            .unwrap()
    }

    /// The same for a user.
    pub(crate) async fn watch_as(&self, model: &str, user: &str) -> Socket {
        let opened = Socket::open(self.address, &format!("/ws/{model}"), Some(user)).await;
        opened.unwrap()
    }

    pub(crate) fn database(&self) -> &DatabaseConnection {
        self.live.database()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.handle.stop();
    }
}
