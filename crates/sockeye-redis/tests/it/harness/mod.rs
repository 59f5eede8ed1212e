//! The harness: nodes on a Redis, with ordinary WebSocket clients.

mod client;
mod member;

pub(crate) use client::Client;

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use fixtures::Redis;
use sockeye::{BrokerStats, Group, Hub, OnError, Options, Router, Server, endpoint};
use sockeye_redis::RedisBroker;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::harness::member::{Marking, Member};

/// How long anything may take before a test gives up; no test's outcome depends on being faster.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for `what`, or fails the test with its name.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("waited {PATIENCE:?} in vain for {what}"),
    }
}

/// Polls until `condition` holds, or fails the test with its name.
pub(crate) async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    within(what, async {
        while !condition() {
            sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

/// A broker at a Redis without a password.
pub(crate) fn broker(redis: &Redis) -> RedisBroker {
    RedisBroker::new(redis.url()).unwrap()
}

/// A hub that is ready.
pub(crate) async fn hub(redis: &Redis) -> Hub {
    let hub = Hub::with_broker(broker(redis));
    within("a ready hub", hub.ready()).await;
    hub
}

/// A room of a hub.
pub(crate) fn room(hub: &Hub, name: &str) -> Group {
    hub.group(("room", name)).unwrap()
}

/// A node with a server.
pub(crate) struct Node {
    address: SocketAddr,
    pub(crate) hub: Hub,
    server: JoinHandle<sockeye::Result<()>>,
}

impl Node {
    /// A node that is ready.
    pub(crate) async fn on(redis: &Redis) -> Self {
        Self::with(hub(redis).await).await
    }

    pub(crate) async fn with(hub: Hub) -> Self {
        let mut options = Options::default();
        options.rate = None;
        options.on_error = OnError::Reply;
        let member = endpoint(|| Member).options(options);
        let routes = Router::new()
            .route("/", member)
            .route("/marked", endpoint(|| Marking));
        let server = Server::bind("127.0.0.1:0").await.unwrap();
        let address = server.address().unwrap();
        let server = tokio::spawn(server.run(routes.hub(&hub)));
        Self {
            address,
            hub,
            server,
        }
    }

    pub(crate) async fn client(&self) -> Client {
        Client::connect(&format!("ws://{}/", self.address)).await
    }

    /// A client that is in a room.
    pub(crate) async fn member(&self, room: &str) -> Client {
        let mut client = self.client().await;
        client.join(room).await;
        client
    }

    /// A client that gets marked messages of one room.
    pub(crate) async fn marked(&self) -> Client {
        let mut client = Client::connect(&format!("ws://{}/marked", self.address)).await;
        assert_eq!(client.json().await["action"], "joined");
        client
    }

    pub(crate) fn stats(&self) -> BrokerStats {
        self.hub.stats().broker
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.server.abort();
    }
}
