//! The chat across processes: people on different nodes, brokers of both kinds, nodes that are killed.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod client;
mod kills;
mod publish;
mod show;
mod talk;

use std::time::Duration;

use cluster::{BrokerServer, Node, NodeProcess};

const PROGRAM: &str = env!("CARGO_BIN_EXE_cluster");

/// How long anything may take before a test gives up; no test's outcome depends on being faster.
const PATIENCE: Duration = Duration::from_secs(30);

/// Short, so that nobody waits for long; long enough for a busy machine.
const LEASE: Duration = Duration::from_secs(5);

/// A node that is ready.
async fn node(broker: &BrokerServer) -> NodeProcess {
    let node = Node {
        address: "127.0.0.1:0".to_owned(),
        broker: broker.url(),
        lease: Some(LEASE),
    };
    NodeProcess::start(PROGRAM, node).await.unwrap()
}
