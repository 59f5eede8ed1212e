//! Nodes that are killed again and again: what the members on the others hear of it.

use std::time::Duration;

use cluster::{BrokerServer, Node, NodeProcess};

use crate::PROGRAM;
use crate::client::Client;

const KILLS: usize = 20;

/// Short, as all of them are waited for; long enough for a busy machine.
const LEASE: Duration = Duration::from_secs(3);

async fn start(broker: &BrokerServer, lease: Option<Duration>) -> NodeProcess {
    let node = Node {
        address: "127.0.0.1:0".to_owned(),
        broker: broker.url(),
        lease,
    };
    NodeProcess::start(PROGRAM, node).await.unwrap()
}

/// A room with one member on each of two nodes, and a third node.
struct Room {
    members: [Client; 2],
    stable: [NodeProcess; 2],
    victim: NodeProcess,
}

impl Room {
    async fn open(broker: &BrokerServer, lease: Option<Duration>) -> Self {
        let stable = [start(broker, lease).await, start(broker, lease).await];
        let mut ada = Client::enter(stable[0].address(), "harbour", "ada").await;
        let bob = Client::enter(stable[1].address(), "harbour", "bob").await;
        ada.hears("bob joined").await;
        Self {
            members: [ada, bob],
            stable,
            victim: start(broker, lease).await,
        }
    }

    /// Both hear this next.
    async fn hears(&mut self, news: &str) {
        for member in &mut self.members {
            member.hears(news).await;
        }
    }

    /// Somebody enters on the third node, which is killed; the others go on, and hear of one leave.
    async fn kill(&mut self, name: &str) {
        let guest = Client::enter(self.victim.address(), "harbour", name).await;
        self.hears(&format!("{name} joined")).await;
        self.victim.kill().await.unwrap();
        drop(guest);
        self.members[1].say("did you hear that?").await;
        self.hears("bob said did you hear that?").await;
        self.hears(&format!("{name} left")).await;
    }

    async fn close(self) {
        drop(self.members);
        for node in self.stable {
            node.end().await.unwrap();
        }
    }
}

#[tokio::test]
async fn each_of_many_kills_is_heard_as_one_leave_and_harms_nobody_else() {
    let broker = BrokerServer::redis().await;
    let mut room = Room::open(&broker, Some(LEASE)).await;
    for kill in 0..KILLS {
        room.kill(&format!("guest-{kill}")).await;
        room.victim.restart().await.unwrap();
    }
    // Whoever would leave a second time has done so by now.
    tokio::time::sleep(LEASE).await;
    room.members[0].say("is it over?").await;
    room.hears("ada said is it over?").await;
    room.close().await;
}

/// The client waits for half a minute, in which the leave must be told.
#[tokio::test]
async fn nobody_stays_for_longer_than_half_a_minute_after_the_end_of_a_node() {
    let broker = BrokerServer::redis().await;
    let mut room = Room::open(&broker, None).await;
    room.kill("guest").await;
    room.close().await;
}
