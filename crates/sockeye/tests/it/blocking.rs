//! Handlers that block their shard: the log names them while they do, and nobody elsewhere waits for them.

use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sockeye::{Context, Error, Handler, Hub, HubOptions, Result, Router, WebSocket, endpoint};

use crate::harness::{Log, PATIENCE, serve, until};

/// Soon, so that the tests are quick; no outcome depends on it.
fn hub() -> Hub {
    let mut options = HubOptions::default();
    options.shards = 2;
    options.blocked_after = Some(Duration::from_millis(200));
    Hub::with_options(options)
}

/// Echoes; on `block` it blocks its thread until the test releases it.
struct Blocker(Arc<Mutex<Receiver<()>>>);

impl Handler for Blocker {
    type Incoming = String;
    type Outgoing = String;

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        if text == "block" {
            // Not for ever, so that a failing test ends.
            let released = self.0.lock().unwrap().recv_timeout(PATIENCE);
            released.map_err(|_| Error::new("nobody released it"))?;
        }
        cx.reply(text)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_handler_that_blocks_is_named_while_it_does_and_the_other_shard_goes_on() {
    let log = Log::of_all_threads();
    let (release, blocked) = channel();
    let blocked = Arc::new(Mutex::new(blocked));
    let hub = hub();
    let endpoint = endpoint(move || Blocker(Arc::clone(&blocked)));
    let server = serve(Router::new().hub(&hub).route("/", endpoint)).await;
    // Shards take turns.
    let mut here = server.connect("/").await;
    let mut elsewhere = server.connect("/").await;
    let mut beside = server.connect("/").await;
    assert!(elsewhere.asks("before").await && beside.asks("before").await);
    here.send("block").await;
    let name = "handler=\"it::blocking::Blocker\"";
    until("the warning", || {
        log.lines(&["WARN", name, "blocks its shard"]).len() == 1
    })
    .await;
    assert_eq!(hub.stats().blocked, 1);
    assert!(elsewhere.asks("meanwhile").await);
    assert_eq!(log.lines(&[name, "has stopped blocking"]).len(), 0);
    beside.send("after").await;
    release.send(()).unwrap();
    assert_eq!(beside.text().await, "after");
    assert_eq!(here.text().await, "block");
    until("the end of it", || {
        log.lines(&["WARN", name, "has stopped blocking"]).len() == 1
    })
    .await;
    assert_eq!(log.lines(&[name]).len(), 2);
    assert_eq!(hub.stats().blocked, 1);
}

/// Computes until the log has named it.
async fn endless(mut socket: WebSocket) {
    let log = Log::of_all_threads();
    let patience = Instant::now() + PATIENCE;
    while let Some(message) = socket.receive().await {
        while log.lines(&["it::blocking::endless"]).is_empty() && Instant::now() < patience {
            std::thread::yield_now();
        }
        socket.send(message);
    }
}

#[tokio::test]
async fn a_function_that_computes_on_and_on_is_named_though_the_only_thread_is_its_own() {
    let log = Log::of_all_threads();
    let hub = hub();
    let server = serve(Router::new().hub(&hub).route("/", endless)).await;
    let mut client = server.connect("/").await;
    assert!(client.asks("hi").await);
    let named = log.lines(&["WARN", "it::blocking::endless", "blocks its shard"]);
    assert_eq!(named.len(), 1, "{named:?}");
    assert_eq!(hub.stats().blocked, 1);
}
