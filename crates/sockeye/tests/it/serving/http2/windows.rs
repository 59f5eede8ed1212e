//! Flow control over HTTP/2: who does not read waits alone, and what waits is bounded.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use h2::client::Builder;
use sockeye::{ErrorKind, IntoEndpoint, Options, Result, Router, WebSocket, endpoint};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::harness::{Client, Raw, Running, Wire, serve, until, within};
use crate::serving::http2::session::{Session, Stream};
use crate::serving::{Echo, stay as ignore};

const PIECE: usize = 64 * 1024;

/// Sends for ever.
async fn flood(socket: WebSocket) -> Result<()> {
    loop {
        socket.send_bytes(vec![0; PIECE]).await?;
    }
}

/// A session whose own windows let one stream fill up without the others.
async fn roomy(server: &Running) -> Session {
    let tcp = TcpStream::connect(server.address).await.unwrap();
    let mut builder = Builder::new();
    builder
        .initial_window_size(64 * 1024)
        .initial_connection_window_size(16 << 20);
    Session::over(tcp, "http", builder).await
}

#[tokio::test]
async fn messages_larger_than_every_window_go_both_ways() {
    let server = serve(Router::new().route("/echo", endpoint(|| Echo))).await;
    let session = Session::connect(server.address).await;
    let (mut one, mut other) = (session.socket("/echo").await, session.socket("/echo").await);
    let payload: Vec<u8> = (0..900_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    for socket in [&mut one, &mut other] {
        // Both directions at once: the echo starts when all is there, so sending first is enough.
        socket.send(payload.clone()).await;
        assert!(socket.frame().await == Some(Wire::from(payload.clone())));
    }
}

/// Sends for ever; counts itself as stuck while it cannot.
async fn fill(mut stream: Stream, stuck: Arc<AtomicUsize>) {
    let message = Raw::masked(0x82, &[7; PIECE]);
    loop {
        stuck.fetch_add(1, Ordering::Relaxed);
        stream.write_all(&message).await.unwrap();
        stuck.fetch_sub(1, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn sockets_that_are_not_read_do_not_stop_their_neighbours() {
    let routes = Router::new()
        .route("/ignore", ignore)
        .route("/echo", endpoint(|| Echo));
    let server = serve(routes).await;
    let session = roomy(&server).await;
    let mut neighbour = session.socket("/echo").await;
    let stuck = Arc::new(AtomicUsize::new(0));
    let mut senders = Vec::new();
    for _ in 0..40 {
        let (stream, _) = session.open("/ignore", &[]).await.unwrap();
        senders.push(tokio::spawn(fill(stream, Arc::clone(&stuck))));
    }
    until("forty senders without a window", || {
        stuck.load(Ordering::Relaxed) == 40
    })
    .await;
    for n in 0..20 {
        neighbour.send(n.to_string()).await;
        assert_eq!(neighbour.text().await, n.to_string());
    }
    senders.iter().for_each(tokio::task::JoinHandle::abort);
}

/// Pushes until the connection takes no more, over and over; gives how many bytes it took in all.
async fn pushes(socket: &WebSocket) -> Result<usize> {
    let sender = socket.sender();
    let (mut taken, mut refused) = (0, 0);
    while refused < 200 {
        match sender.try_send(vec![0; 4 * PIECE]) {
            Ok(()) => (taken, refused) = (taken + 4 * PIECE, 0),
            Err(error) if error.kind() == ErrorKind::Full => refused += 1,
            Err(error) => return Err(error),
        }
        tokio::task::yield_now().await;
    }
    Ok(taken)
}

#[tokio::test]
async fn what_a_client_gives_no_window_for_is_bounded() {
    let (tell, mut told) = tokio::sync::mpsc::channel(1);
    let push = move |socket: WebSocket| {
        let tell = tell.clone();
        async move {
            let taken = pushes(&socket).await?;
            let _ = tell.send(taken).await;
            socket.closed().await;
            Ok(())
        }
    };
    let mut options = Options::default();
    options.outbox_bytes = 4 * PIECE;
    let routes = Router::new().route("/push", push.options(options));
    let server = serve(routes).await;
    let session = roomy(&server).await;
    let (stream, response) = session.open("/push", &[]).await.unwrap();
    let taken = within("a full outbox", told.recv()).await.unwrap();
    // One message in the outbox, one that was let through alone, the window, and what the stream holds itself.
    assert!(taken <= 3 * 4 * PIECE, "{taken} bytes wait");
    // All of it arrives, in order, once it is asked for.
    let mut client: Client<Stream> = Client::opened(stream, response).await;
    for _ in 0..taken / (4 * PIECE) {
        assert!(client.frame().await == Some(Wire::from(vec![0; 4 * PIECE])));
    }
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_closed_and_its_neighbours_are_not() {
    let mut options = Options::default();
    options.outbox_bytes = PIECE;
    options.write_timeout = std::time::Duration::from_millis(100);
    options.close_timeout = std::time::Duration::from_millis(100);
    let routes = Router::new()
        .route("/flood", flood.options(options))
        .route("/echo", endpoint(|| Echo));
    let server = serve(routes).await;
    let session = roomy(&server).await;
    let mut neighbour = session.socket("/echo").await;
    let (stream, _) = session.open("/flood", &[]).await.unwrap();
    until("the end of the flood", || {
        server.hub.stats().connections == 1
    })
    .await;
    neighbour.send("still here").await;
    assert_eq!(neighbour.text().await, "still here");
    drop(stream);
}
