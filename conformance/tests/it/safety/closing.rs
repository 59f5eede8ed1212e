//! Close hang: a connection whose end has begun is gone within the close timeout, whatever the peer does.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::frames::{close, declared, ping, text};
use crate::harness::{Raw, Server, within};

/// How a peer behaves when the server has sent its close frame and waits for the answer.
#[derive(Clone, Copy, Debug)]
enum Peer {
    ReadsAndNeverCloses,
    NeverReads,
    HalfCloses,
    SendsMessagesForever,
    SendsPingsForever,
    SendsOneFrameForever,
    AnswersAndStays,
    AnswersAndSendsForever,
}

const PEERS: [Peer; 8] = [
    Peer::ReadsAndNeverCloses,
    Peer::NeverReads,
    Peer::HalfCloses,
    Peer::SendsMessagesForever,
    Peer::SendsPingsForever,
    Peer::SendsOneFrameForever,
    Peer::AnswersAndStays,
    Peer::AnswersAndSendsForever,
];

#[tokio::test]
async fn no_peer_keeps_a_closing_connection() {
    let server = Server::warmed_up().await;
    let mut neighbour = server.open("/echo").await;
    let before = server.reset_peak();
    let ended = PEERS.map(async |peer| {
        let mut raw = server.open("/panic/message").await;
        // The handler panics, and the server closes with 1011.
        raw.write(&text("now")).await;
        let begun = Instant::now();
        behave(&mut raw, peer).await;
        (peer, begun.elapsed(), raw)
    });
    let over = async {
        server.counts("connections", 1).await;
    };
    let (kept, ()) = tokio::join!(join_all(ended), over);
    for (peer, lasted, _) in &kept {
        println!(
            "{peer:?}: the server was gone after {} ms",
            lasted.as_millis()
        );
    }
    let grown = server.peak_bytes().saturating_sub(before);
    println!("{} KiB grown", grown / 1024);
    assert!(grown < 2 << 20, "{grown} bytes");
    neighbour.lives().await;
}

/// Behaves so until the server hangs up.
async fn behave(raw: &mut Raw, peer: Peer) {
    match peer {
        Peer::NeverReads => raw.hung_up().await,
        Peer::ReadsAndNeverCloses => raw.ended().await,
        Peer::HalfCloses => {
            raw.0.shutdown().await.unwrap();
            raw.ended().await;
        }
        Peer::SendsMessagesForever => send_forever(raw, &text("still here")).await,
        Peer::SendsPingsForever => send_forever(raw, &ping(b"still here")).await,
        Peer::SendsOneFrameForever => {
            raw.offer(&declared(0x82, 1 << 20, b"")).await;
            send_forever(raw, b"x").await;
        }
        Peer::AnswersAndStays => {
            raw.write(&close(1011, "")).await;
            raw.ended().await;
        }
        Peer::AnswersAndSendsForever => {
            raw.write(&close(1011, "")).await;
            send_forever(raw, &text("still here")).await;
        }
    }
}

/// Sends, a hundred times a second, until the server has hung up.
async fn send_forever(raw: &mut Raw, bytes: &[u8]) {
    within("the server to hang up", async {
        while raw.try_write(bytes).await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_close_frame_reaches_who_is_still_sending_and_no_reset_follows_it() {
    let server = Server::start();
    for _ in 0..20 {
        let mut raw = server.open("/echo").await;
        // More than the server reads before it answers: what it does not take would reset the connection.
        raw.write(&declared(0x82, 60 << 20, &vec![7; 1 << 20]))
            .await;
        assert_eq!(raw.close_code().await, Some(1009));
        let mut rest = Vec::new();
        within("the end", raw.0.read_to_end(&mut rest))
            .await
            .unwrap();
        assert!(rest.is_empty());
        // It has said all, and still takes what was on its way.
        raw.write(&[7; 64 * 1024]).await;
    }
    server.empty().await;
}
