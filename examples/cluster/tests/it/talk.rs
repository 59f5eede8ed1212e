//! People on different nodes talk, see each other come and go, and outlive a node.

use cluster::{BrokerServer, NodeProcess};
use tokio::time::sleep;

use crate::client::Client;
use crate::{LEASE, node};

/// Two nodes at a broker, with ada on the one and bob on the other.
struct Chat {
    one: NodeProcess,
    two: NodeProcess,
    ada: Client,
    bob: Client,
    _broker: BrokerServer,
}

impl Chat {
    async fn begin(broker: BrokerServer) -> Self {
        let (one, two) = (node(&broker).await, node(&broker).await);
        let mut ada = Client::enter(one.address(), "harbour", "ada").await;
        assert_eq!(ada.members, ["ada"]);
        let bob = Client::enter(two.address(), "harbour", "bob").await;
        assert_eq!(bob.members, ["ada", "bob"]);
        ada.hears("bob joined").await;
        Self {
            one,
            two,
            ada,
            bob,
            _broker: broker,
        }
    }

    async fn both_hear(&mut self, news: &str) {
        self.ada.hears(news).await;
        self.bob.hears(news).await;
    }

    /// What one says, both hear.
    async fn talk(&mut self) {
        self.ada.say("<b>hello</b> & welcome").await;
        self.both_hear("ada said <b>hello</b> & welcome").await;
        self.bob.say("hello yourself").await;
        self.both_hear("bob said hello yourself").await;
    }

    async fn bob_comes_back(&mut self) {
        self.bob = Client::enter(self.two.address(), "harbour", "bob").await;
        assert_eq!(self.bob.members, ["ada", "bob"]);
        self.ada.hears("bob joined").await;
    }

    /// Bob goes as a page does that is closed, and all ends.
    async fn end(mut self) {
        self.bob.leave().await;
        self.ada.hears("bob left").await;
        drop(self.ada);
        self.one.end().await.unwrap();
        self.two.end().await.unwrap();
    }
}

async fn two_people_talk(broker: BrokerServer) {
    let mut chat = Chat::begin(broker).await;
    chat.talk().await;
    chat.ada.rename("grace").await;
    chat.both_hear("ada renamed grace").await;
    // Another room is another room.
    let mut cem = Client::enter(chat.two.address(), "lobby", "cem").await;
    cem.say("nobody here?").await;
    cem.hears("cem said nobody here?").await;
    drop(cem);
    chat.end().await;
}

/// A node is killed; those on the other hear once of each who was there, and all is as before when it is back.
async fn a_node_is_killed(broker: BrokerServer) {
    let mut chat = Chat::begin(broker).await;
    let cem = Client::enter(chat.two.address(), "harbour", "cem").await;
    chat.both_hear("cem joined").await;
    chat.talk().await;

    chat.two.kill().await.unwrap();
    drop(cem);
    // Who is on the other goes on.
    chat.ada.say("who is there?").await;
    chat.ada.hears("ada said who is there?").await;
    let mut gone = [chat.ada.news().await, chat.ada.news().await];
    gone.sort();
    assert_eq!(gone, ["bob left", "cem left"]);

    chat.two.restart().await.unwrap();
    chat.bob_comes_back().await;
    chat.talk().await;
    // Whoever would leave a second time does so now.
    sleep(LEASE).await;
    chat.talk().await;
    chat.end().await;
}

#[tokio::test]
async fn two_people_talk_through_redis_and_see_each_other_come_and_go() {
    two_people_talk(BrokerServer::redis().await).await;
}

#[tokio::test]
async fn a_node_on_redis_is_killed_and_comes_back() {
    a_node_is_killed(BrokerServer::redis().await).await;
}

#[tokio::test]
async fn two_people_talk_through_nats_and_see_each_other_come_and_go() {
    two_people_talk(BrokerServer::nats().await).await;
}

#[tokio::test]
async fn a_node_on_nats_is_killed_and_comes_back() {
    a_node_is_killed(BrokerServer::nats().await).await;
}
