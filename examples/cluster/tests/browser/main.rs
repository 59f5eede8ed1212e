//! The chat across processes as people meet it: real browsers, whose pages are on different nodes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use cluster::{BrokerServer, Node, NodeProcess};
use fixtures::browser::{Failure, Page, said, talk};
use tokio::sync::Mutex;

/// Held by each test: two browsers at a time are enough for a small machine to keep the deadlines.
static BROWSERS: Mutex<()> = Mutex::const_new(());

/// Short, so that nobody waits for long; long enough for a busy machine.
const LEASE: Duration = Duration::from_secs(3);

/// Two nodes at a broker; both are ready.
struct Nodes {
    one: NodeProcess,
    two: NodeProcess,
    _broker: BrokerServer,
}

impl Nodes {
    async fn start(broker: BrokerServer) -> Self {
        Self {
            one: node(&broker).await,
            two: node(&broker).await,
            _broker: broker,
        }
    }

    async fn end(self) {
        self.one.end().await.unwrap();
        self.two.end().await.unwrap();
    }
}

async fn node(broker: &BrokerServer) -> NodeProcess {
    let node = Node {
        address: "127.0.0.1:0".to_owned(),
        broker: broker.url(),
        lease: Some(LEASE),
    };
    let program = env!("CARGO_BIN_EXE_cluster");
    NodeProcess::start(program, node).await.unwrap()
}

/// The page of the room `harbour` on a node.
fn harbour(node: &NodeProcess) -> String {
    format!("http://{}/r/harbour", node.address())
}

async fn two_people_talk(broker: BrokerServer) -> Result<(), Failure> {
    let _turn = BROWSERS.lock().await;
    let nodes = Nodes::start(broker).await;
    talk(&harbour(&nodes.one), &harbour(&nodes.two)).await?;
    nodes.end().await;
    Ok(())
}

/// Bob's node is killed: Ada sees him go, goes on, and sees him come when his page is back by itself.
#[tokio::test]
async fn a_page_comes_back_after_its_node_was_killed() -> Result<(), Failure> {
    let _turn = BROWSERS.lock().await;
    let mut nodes = Nodes::start(BrokerServer::redis().await).await;
    let ada = Page::enter(&harbour(&nodes.one), "Ada").await?;
    let bob = Page::enter(&harbour(&nodes.two), "Bob").await?;
    ada.until("Bob's arrival", |seen| seen.members == ["Ada", "Bob"])
        .await?;

    nodes.two.kill().await.unwrap();
    bob.until("word of the lost connection", |seen| {
        seen.state == "reconnecting"
    })
    .await?;
    ada.until("Bob's departure", |seen| {
        seen.is_connected() && seen.members == ["Ada"]
    })
    .await?;
    ada.say("where is he?").await?;

    nodes.two.restart().await.unwrap();
    bob.until("Bob's return", |seen| {
        seen.is_connected() && seen.members == ["Bob", "Ada"]
    })
    .await?;
    ada.until("Bob's return", |seen| seen.members == ["Ada", "Bob"])
        .await?;
    bob.say("so I am back").await?;
    let all = [
        said("Ada", "where is he?", true),
        said("Bob", "so I am back", false),
    ];
    ada.until("what Bob says", |seen| seen.messages == all)
        .await?;
    ada.leave().await;
    bob.leave().await;
    nodes.end().await;
    Ok(())
}

#[tokio::test]
async fn two_people_talk_through_redis_and_see_each_other_come_and_go() -> Result<(), Failure> {
    two_people_talk(BrokerServer::redis().await).await
}

#[tokio::test]
async fn two_people_talk_through_nats_and_see_each_other_come_and_go() -> Result<(), Failure> {
    two_people_talk(BrokerServer::nats().await).await
}
