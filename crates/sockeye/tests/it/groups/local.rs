//! Groups of one node: nobody elsewhere hears of them; and a member that is taken out from outside.

use std::sync::Arc;

use parking_lot::Mutex;
use sockeye::{
    Context, Event, GroupName, Handler, Hub, MemoryBroker, Result, Router, Sender, endpoint,
};

use crate::harness::serve;

/// Somebody who watches a board of its node, and may leave it and come back.
struct Watcher(Arc<Mutex<Vec<Sender>>>);

fn board() -> GroupName {
    GroupName::local(["board"]).unwrap()
}

impl Handler for Watcher {
    type Incoming = String;
    type Outgoing = String;

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.join("lobby").await?;
        cx.join(board()).await?;
        self.0.lock().push(cx.sender());
        cx.reply("here".to_owned())
    }

    async fn on_event(&mut self, cx: &mut Context<Self>, event: Event) -> Result<()> {
        assert_eq!(event.group(), &board());
        cx.try_send(event)
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        match text.as_str() {
            "again" => {
                cx.leave(board())?;
                cx.join(board()).await?;
                cx.reply("back".to_owned())
            }
            "track" => cx.reply(cx.track(board(), "me").is_err().to_string()),
            _ => cx.broadcast(text),
        }
    }
}

#[tokio::test]
async fn a_local_group_stays_on_its_node_and_out_of_broadcasts() {
    let broker = MemoryBroker::new();
    let (here, there) = (Hub::with_broker(broker.clone()), Hub::with_broker(broker));
    let watchers = Arc::new(Mutex::new(Vec::new()));
    let mut servers = Vec::new();
    for hub in [&here, &there] {
        let watchers = Arc::clone(&watchers);
        let endpoint = endpoint(move || Watcher(Arc::clone(&watchers)));
        servers.push(serve(Router::new().hub(hub).route("/", endpoint)).await);
    }
    let mut first = servers[0].connect("/").await;
    let mut second = servers[1].connect("/").await;
    for client in [&mut first, &mut second] {
        assert_eq!(client.text().await, "here");
    }

    let group = here.group(board()).unwrap();
    group.broadcast("of here").unwrap();
    there.group(board()).unwrap().broadcast("of there").unwrap();
    assert_eq!(first.text().await, "of here");
    assert_eq!(second.text().await, "of there");
    assert_eq!(group.count().await, 1);
    assert!(group.roster().await.is_empty());

    // Once: by the lobby and not by the board.
    first.send("to all").await;
    first.send("track").await;
    assert_eq!(first.text().await, "to all");
    assert_eq!(first.text().await, "true");
    assert_eq!(second.text().await, "to all");
}

#[tokio::test]
async fn who_is_expelled_hears_nothing_more_until_it_has_left_and_joined() {
    let hub = Hub::new();
    let watchers = Arc::new(Mutex::new(Vec::new()));
    let shared = Arc::clone(&watchers);
    let endpoint = endpoint(move || Watcher(Arc::clone(&shared)));
    let server = serve(Router::new().hub(&hub).route("/", endpoint)).await;
    let mut client = server.connect("/").await;
    assert_eq!(client.text().await, "here");

    let group = hub.group(board()).unwrap();
    let sender = watchers.lock()[0].clone();
    group.broadcast("before").unwrap();
    // The second time it is no member any more, in the second group it never was.
    for from in [&group, &group, &hub.group("nowhere").unwrap()] {
        sender.expel(from, "you are out").unwrap();
    }
    group.broadcast("while away").unwrap();

    assert_eq!(client.text().await, "before");
    assert_eq!(client.text().await, "you are out");
    client.send("again").await;
    assert_eq!(client.text().await, "back");
    group.broadcast("after").unwrap();
    assert_eq!(client.text().await, "after");
}
