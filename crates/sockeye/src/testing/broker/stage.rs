//! Stage: what the cases of the suite have in common: brokers, nodes, names and patience.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::broker::Broker;
use crate::error::{Error, Result};
use crate::group::{GroupName, Hub};
use crate::id::NodeId;
use crate::testing::broker::node::Node;

pub(super) struct Stage {
    hub: Box<dyn Fn() -> Hub + Send + Sync>,
    broker: Box<dyn Fn() -> Box<dyn Broker> + Send + Sync>,
    pub(super) patience: Duration,
    pub(super) message_bytes: usize,
    /// What no other run's names begin with.
    salt: NodeId,
    names: AtomicU64,
}

impl Stage {
    pub(super) fn new<B: Broker>(make: impl Fn() -> B + Send + Sync + 'static) -> Self {
        let make = Arc::new(make);
        let again = Arc::clone(&make);
        Self {
            hub: Box::new(move || Hub::with_broker(make())),
            broker: Box::new(move || Box::new(again())),
            patience: Duration::from_secs(60),
            message_bytes: 1 << 20,
            salt: NodeId::random(),
            names: AtomicU64::new(0),
        }
    }

    /// A broker as sessions are opened of.
    pub(super) fn broker(&self) -> Box<dyn Broker> {
        (self.broker)()
    }

    /// A node whose broker may be out of reach.
    pub(super) fn node(&self) -> Node {
        Node::new((self.hub)(), self.patience)
    }

    pub(super) async fn ready_node(&self) -> Result<Node> {
        let node = self.node();
        self.ready(&node).await?;
        Ok(node)
    }

    pub(super) async fn ready_nodes<const N: usize>(&self) -> Result<[Node; N]> {
        let nodes = std::array::from_fn(|_| self.node());
        for node in &nodes {
            self.ready(node).await?;
        }
        Ok(nodes)
    }

    pub(super) async fn ready(&self, node: &Node) -> Result<()> {
        let ready = node.hub.ready();
        let why = || node.hub.readiness().to_string();
        self.wait("a node to be ready", ready, why).await
    }

    /// A name that nobody else has, of a group of the kind `suite`.
    pub(super) fn name(&self) -> String {
        let number = self.names.fetch_add(1, Ordering::Relaxed);
        format!("{}-{number}", self.salt)
    }

    /// Waits for what is to come.
    pub(super) async fn wait<T>(
        &self,
        what: &str,
        future: impl Future<Output = T>,
        seen: impl FnOnce() -> String,
    ) -> Result<T> {
        let patience = self.patience;
        match tokio::time::timeout(patience, future).await {
            Ok(value) => Ok(value),
            Err(_) => Err(Error::new(format!(
                "waited {patience:?} for {what}; {}",
                seen()
            ))),
        }
    }

    /// Looks again and again until it holds.
    pub(super) async fn until(&self, what: &str, mut holds: impl FnMut() -> bool) -> Result<()> {
        let holding = async {
            while !holds() {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        self.wait(what, holding, || "it did not happen".to_owned())
            .await
    }
}

/// The group of that name.
pub(super) fn group(name: &str) -> Result<GroupName> {
    GroupName::new(["suite", name])
}

/// What must hold.
pub(super) fn ensure(holds: bool, seen: impl FnOnce() -> String) -> Result<()> {
    match holds {
        true => Ok(()),
        false => Err(Error::new(seen())),
    }
}
