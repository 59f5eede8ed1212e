//! The harness: a server on a free port and clients that speak to it over TCP.

mod client;
mod log;
mod raw;

pub(crate) use client::{Client, Wire};
pub(crate) use log::Log;
pub(crate) use raw::Raw;

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use sockeye::{App, Hub, Server, ServerHandle, ServerOptions};
use tokio::task::JoinHandle;

/// How long anything may take before a test gives up; no test's outcome depends on being faster.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for `what`, or fails the test with its name.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("waited {PATIENCE:?} in vain for {what}"),
    }
}

/// Polls until `condition` holds, or fails the test with its name.
pub(crate) async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    within(what, async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

/// A server that runs.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) hub: Hub,
    pub(crate) handle: ServerHandle,
    pub(crate) ended: JoinHandle<sockeye::Result<()>>,
}

/// Serves `routes` on a free port.
pub(crate) async fn serve(routes: impl Into<App>) -> Running {
    serve_with(routes, ServerOptions::default()).await
}

pub(crate) async fn serve_with(routes: impl Into<App>, options: ServerOptions) -> Running {
    let server = Server::bind("127.0.0.1:0").await.unwrap().options(options);
    Running::start(server, routes)
}

impl Running {
    /// Runs a server of any configuration.
    pub(crate) fn start(server: Server, routes: impl Into<App>) -> Self {
        let app = routes.into();
        Self {
            address: server.address().unwrap(),
            hub: app.hub().clone(),
            handle: server.handle(),
            ended: tokio::spawn(server.run(app)),
        }
    }

    /// A client on an accepted connection.
    pub(crate) async fn connect(&self, path: &str) -> Client {
        match self.try_connect(path, &[]).await {
            Ok(client) => client,
            Err(response) => panic!("{path} was refused with {}", response.status()),
        }
    }

    /// A client, or the HTTP response it got instead.
    pub(crate) async fn try_connect(
        &self,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<Client, http::Response<Option<Vec<u8>>>> {
        Client::connect(self.address, path, headers).await
    }

    /// The HTTP response that a client gets instead of an upgrade.
    pub(crate) async fn refused(
        &self,
        path: &str,
        headers: &[(&str, &str)],
    ) -> http::Response<Option<Vec<u8>>> {
        match self.try_connect(path, headers).await {
            Ok(_) => panic!("{path} {headers:?} was let in"),
            Err(response) => response,
        }
    }

    /// A TCP connection on which the test writes every byte itself.
    pub(crate) async fn raw(&self) -> Raw {
        Raw::connect(self.address).await
    }

    /// Waits until a group has this many members.
    pub(crate) async fn members(&self, kind: &'static str, name: &str, count: usize) {
        let group = self.hub.group((kind, name)).unwrap();
        until(&format!("{count} members in {kind}:{name}"), || {
            group.members() == count
        })
        .await;
    }

    /// Waits until the server owns nothing: no connection, no group, no membership, no task.
    pub(crate) async fn empty(&self) {
        until("an empty server", || {
            let stats = self.hub.stats();
            stats.connections + stats.groups + stats.memberships + stats.tasks == 0
        })
        .await;
    }
}
