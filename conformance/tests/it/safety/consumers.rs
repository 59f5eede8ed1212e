//! Slow consumers: who reads nothing loses the connection, and nobody else loses anything.

use futures_util::future::join_all;
use tokio::net::TcpSocket;

use crate::frames::{BINARY, binary};
use crate::harness::{Raw, Server};

/// Large enough to fill every buffer with few messages, small enough for the rate.
const MESSAGE_BYTES: usize = 128 * 1024;
const MESSAGES: usize = 150;

/// A client that takes little into the buffers of its kernel.
async fn narrow(server: &Server, path: &str) -> Raw {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut raw = Raw(socket.connect(server.address).await.unwrap());
    raw.write(format!("{}\r\n", Raw::head(path)).as_bytes())
        .await;
    assert_eq!(raw.response().await.status, 101);
    raw
}

#[tokio::test]
async fn a_member_that_never_reads_is_cut_and_the_others_get_everything() {
    const SLOW: u64 = 5;
    let server = Server::warmed_up().await;
    let slow = join_all((0..SLOW).map(|_| narrow(&server, "/group/idle"))).await;
    let mut readers = join_all((0..3).map(|_| server.open("/group/idle"))).await;
    server.counts("idle", SLOW as usize + 3).await;
    let mut speaker = server.open("/group/idle").await;
    let before = server.reset_peak();
    for n in 0..MESSAGES {
        speaker.write(&binary(&vec![n as u8; MESSAGE_BYTES])).await;
        for reader in readers.iter_mut().chain([&mut speaker]) {
            let (first, payload) = reader.frame().await.unwrap();
            assert_eq!(
                (first, payload.len(), payload[0]),
                (BINARY, MESSAGE_BYTES, n as u8)
            );
        }
    }
    let grown = server.peak_bytes().saturating_sub(before);
    println!(
        "{SLOW} members that never read, 19 MiB each: {} KiB grown",
        grown / 1024
    );
    // Shared frames wait once for all of them: an outbox of 1 MiB, and the messages on their way.
    assert!(grown < 4 << 20, "{grown} bytes");
    server.counts("idle", 4).await;
    drop(slow);
}

#[tokio::test]
async fn who_asks_and_never_reads_is_no_longer_listened_to_and_then_cut() {
    let server = Server::warmed_up().await;
    let message = binary(&vec![7; MESSAGE_BYTES]);
    let attacks = ["/echo", "/function"].map(async |path| {
        let mut raw = narrow(&server, path).await;
        let taken = raw.offer_until_stuck(&message, MESSAGES).await;
        println!("{path}: {taken} of {MESSAGES} messages of 128 KiB taken");
        raw
    });
    let before = server.reset_peak();
    let clients = join_all(attacks).await;
    let grown = server.peak_bytes().saturating_sub(before);
    println!(
        "two clients that ask and never read: {} KiB grown",
        grown / 1024
    );
    assert!(grown < 4 << 20, "{grown} bytes");
    // After the write timeout of 10 s.
    server.empty().await;
    drop(clients);
}
