//! Programs of any kind: what they publish, and what they see.

use fixtures::Nats;
use sockeye::Hub;
use sockeye_nats::NatsBroker;

use crate::{hub, serve, within};

#[tokio::test]
async fn a_plain_publication_reaches_members_as_it_stands() {
    let nats = Nats::start().await;
    let hub = hub(&nats.url()).await;
    let server = serve(&hub);
    let mut client = server.connect("/").await;
    client.send_text("lobby");
    assert_eq!(client.receive_text().await, "joined lobby");
    let text = r#"{"action":"said","payload":{"text":"grüß dich"}}"#;
    nats.publish("sockeye.room:lobby", text).await;
    assert_eq!(client.receive_text().await, text);
    // Other groups, and what only looks like it, reach nobody.
    for subject in [
        "sockeye.room:lobby.x",
        "sockeye.room",
        "room:lobby",
        "Sockeye.room:lobby",
        "sockeye.room:lobbY",
    ] {
        nats.publish(subject, "not for it").await;
    }
    nats.publish("sockeye.room:lobby", "last").await;
    assert_eq!(client.receive_text().await, "last");
}

#[tokio::test]
async fn prefixes_keep_applications_apart() {
    let nats = Nats::start().await;
    let broker = |prefix: &str| NatsBroker::new(nats.url()).unwrap().prefix(prefix).unwrap();
    let one = Hub::with_broker(broker("chat.one"));
    let two = Hub::with_broker(broker("chat.two"));
    let (server, other) = (serve(&one), serve(&two));
    within("sessions", async {
        one.ready().await;
        two.ready().await;
    })
    .await;
    let mut clients = [server.connect("/").await, other.connect("/").await];
    for client in &mut clients {
        client.send_text("a.b");
        assert_eq!(client.receive_text().await, "joined a.b");
    }
    nats.publish("chat.two.room:a%2Eb", "for two").await;
    nats.publish("chat.one.room:a%2Eb", "for one").await;
    assert_eq!(clients[0].receive_text().await, "for one");
    assert_eq!(clients[1].receive_text().await, "for two");
}

#[tokio::test]
async fn one_publication_is_one_message_however_many_nodes_and_members() {
    let nats = Nats::start().await;
    let hubs = [
        hub(&nats.url()).await,
        hub(&nats.url()).await,
        hub(&nats.url()).await,
    ];
    let servers = hubs.each_ref().map(serve);
    let own = nats.subscriptions().await;
    let mut clients = Vec::new();
    for server in &servers[1..] {
        for _ in 0..10 {
            let mut client = server.connect("/").await;
            client.send_text("lobby");
            client.receive_text().await;
            clients.push(client);
        }
    }
    assert_eq!(nats.connections().await, 3);
    assert_eq!(
        nats.subscriptions().await,
        own + 2,
        "two nodes want the group"
    );
    let before = nats.messages_in().await;
    let room = hubs[0].group(("room", "lobby")).unwrap();
    for number in 0..1_000 {
        room.broadcast(format!("{number}")).unwrap();
    }
    hubs[0].flush().await.unwrap();
    for client in &mut clients {
        for number in 0..1_000 {
            assert_eq!(client.receive_text().await, format!("{number}"));
        }
    }
    // Some more are probes: one for each batch and for each heartbeat.
    let taken = nats.messages_in().await - before;
    assert!(
        (1_000..1_100).contains(&taken),
        "{taken} messages for 1,000 publications"
    );
}
