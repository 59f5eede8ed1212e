//! Faults on demand: a client that reads nothing, links that break, frames in pieces, delay.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use sockeye::testing::TestServer;
use sockeye::{
    Cause, Context, Disconnect, Handler, IntoEndpoint, Options, RawMessage, Result, Router,
    WebSocket, endpoint,
};
use tokio::time::Instant;

/// Echoes, and notes why its connections ended.
#[derive(Clone, Default)]
struct Witness(Arc<Mutex<Vec<Cause>>>);

impl Handler for Witness {
    type Incoming = RawMessage;
    type Outgoing = RawMessage;

    async fn on_message(&mut self, cx: &mut Context<Self>, message: RawMessage) -> Result<()> {
        cx.reply(message)
    }

    async fn on_disconnect(&mut self, _: &mut Context<Self>, disconnect: Disconnect) {
        self.0.lock().push(disconnect.cause());
    }
}

fn witnessed(options: Options) -> (TestServer, Witness) {
    let witness = Witness::default();
    let made = witness.clone();
    let endpoint = endpoint(move || made.clone()).options(options);
    (TestServer::new(Router::new().route("/", endpoint)), witness)
}

#[tokio::test(start_paused = true)]
async fn c17_a_client_that_stops_reading_is_a_slow_consumer() {
    async fn flood(mut socket: WebSocket) -> Result<()> {
        socket.receive().await;
        socket.send_bytes(vec![7; 200_000]).await?;
        socket.send("last");
        socket.closed().await;
        Ok(())
    }
    let mut options = Options::default();
    options.write_timeout = Duration::from_secs(10);
    let server = TestServer::new(Router::new().route("/flood", flood.options(options)));

    let mut patient = server.connect("/flood").await;
    patient.stop_reading();
    patient.send_text("go");
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(patient.receive_all::<RawMessage>().await.is_empty());
    patient.resume_reading();
    assert_eq!(patient.receive_bytes().await.len(), 200_000);
    assert_eq!(patient.receive_text().await, "last");

    let mut slow = server.connect("/flood").await;
    slow.stop_reading();
    slow.send_text("go");
    tokio::time::sleep(Duration::from_secs(30)).await;
    slow.resume_reading();
    let closed = slow.closed().await;
    assert!(
        !closed.has_frame(),
        "it was cut off inside of a message: {closed}"
    );
}

#[tokio::test(start_paused = true)]
async fn c17_a_dropped_link_and_a_reset_one_are_a_lost_peer() {
    let (server, witness) = witnessed(Options::default());
    let mut one = server.connect("/").await;
    one.send_text("still");
    one.drop_link();
    let closed = one.closed().await;
    assert!(!closed.has_frame());
    server.settled().await;
    assert_eq!(*witness.0.lock(), [Cause::PeerLost]);
    let mut two = server.connect("/").await;
    two.reset_link();
    assert!(two.closed().await.reason.contains("reset"));
    server.settled().await;
    assert_eq!(*witness.0.lock(), [Cause::PeerLost; 2]);
    drop(server.connect("/").await);
    server.settled().await;
    assert_eq!(*witness.0.lock(), [Cause::PeerLost; 3]);
    server.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn c17_frames_arrive_in_pieces_and_broken() {
    let mut options = Options::default();
    options.message_timeout = Duration::from_secs(7);
    let (server, witness) = witnessed(options);
    let mut client = server.connect("/").await;
    for pieces in [1, 2, 3, 1000] {
        client.send_in_pieces("in pieces", pieces);
        assert_eq!(client.receive_text().await, "in pieces");
    }
    // The first byte of a text frame, and nothing more.
    client.send_raw(&b"\x81"[..]);
    client.assert_silent().await;
    let start = Instant::now();
    let mut client = client;
    tokio::time::sleep(Duration::from_secs(20)).await;
    client.assert_closed(1008).await;
    assert!(start.elapsed() >= Duration::from_secs(7));

    let mut client = server.connect("/").await;
    client.send_raw(&b"\xff\xff\xff"[..]);
    client.assert_closed(1002).await;
    assert_eq!(
        *witness.0.lock(),
        [Cause::MessageTimeout, Cause::ProtocolError]
    );
}

#[tokio::test(start_paused = true)]
async fn c17_a_delay_is_travelled_both_ways_and_waited_for() {
    let (server, _) = witnessed(Options::default());
    let mut client = server.connect("/").await;
    client.delay(Duration::from_millis(300));
    let start = Instant::now();
    client.send_text("far");
    let all: Vec<String> = client.receive_all().await;
    assert_eq!(all, ["far"]);
    assert!(
        start.elapsed() >= Duration::from_millis(600),
        "{:?}",
        start.elapsed()
    );
    client.delay(Duration::ZERO);
    client.send_text("near");
    assert_eq!(client.receive_text().await, "near");
}
