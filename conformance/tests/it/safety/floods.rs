//! Floods: as much as a client can send, without reading a byte of what comes back.

use std::time::Duration;

use futures_util::future::join_all;

use crate::frames::{self, PONG, TEXT, frame, ping, text};
use crate::harness::{Raw, Server};

/// What a flood may cost the whole server.
const GROWTH_MAX: u64 = 2 << 20;

/// Floods send this much, or until the server has enough.
const FLOOD_BYTES: usize = 32 << 20;

/// Sends `frame` again and again; gives how many bytes the server took.
async fn flood(raw: &mut Raw, frame: &[u8]) -> usize {
    let burst = frame.repeat(64 * 1024 / frame.len());
    let mut sent = 0;
    while sent < FLOOD_BYTES {
        let wrote = tokio::time::timeout(Duration::from_secs(1), raw.try_write(&burst)).await;
        match wrote {
            Ok(true) => sent += burst.len(),
            // The server reads no more, or has hung up.
            Ok(false) | Err(_) => break,
        }
    }
    sent
}

#[tokio::test]
async fn a_flood_of_control_frames_costs_nothing_and_is_cut() {
    let server = Server::warmed_up().await;
    let mut neighbour = server.open("/echo").await;
    for (name, frame) in [
        ("empty pings", ping(b"")),
        ("full pings", ping(&[7; 125])),
        ("pongs", frame(PONG, &[7; 125])),
    ] {
        let before = server.reset_peak();
        let mut clients = join_all((0..10).map(|_| server.open("/echo"))).await;
        let sent = join_all(clients.iter_mut().map(|raw| flood(raw, &frame))).await;
        let grown = server.peak_bytes().saturating_sub(before);
        let sent: usize = sent.iter().sum();
        println!(
            "10 clients, {name}: {} KiB sent, {} KiB grown",
            sent / 1024,
            grown / 1024
        );
        assert!(grown < GROWTH_MAX, "{name}: {grown} bytes");
        neighbour.lives().await;
        for mut client in clients {
            client.ended().await;
        }
    }
    server.counts("connections", 1).await;
}

#[tokio::test]
async fn pings_beyond_the_rate_close_1008() {
    let server = Server::start();
    let mut raw = server.open("/echo").await;
    raw.offer(&ping(b"x").repeat(10_000)).await;
    let mut pongs = 0;
    while let Some((PONG, _)) = raw.frame().await {
        pongs += 1;
    }
    // The burst of 60, and what came back while they were read.
    assert!((60..1000).contains(&pongs), "{pongs}");
    let mut raw = server.open("/echo").await;
    raw.offer(&ping(b"x").repeat(10_000)).await;
    assert_eq!(raw.close_code().await, Some(1008));
}

#[tokio::test]
async fn fifty_thousand_messages_at_once_close_1008_and_the_neighbour_hears_nothing_of_it() {
    let server = Server::warmed_up().await;
    for path in ["/echo", "/function", "/group/flood"] {
        let mut neighbour = server.open("/echo").await;
        let mut raw = server.open(path).await;
        let before = server.reset_peak();
        raw.offer(&text("flood").repeat(50_000)).await;
        let mut echoes = 0;
        let code = loop {
            match raw.frame().await {
                Some((TEXT, _)) => echoes += 1,
                Some((_, payload)) => break frames::code_of(&payload),
                None => break None,
            }
        };
        let grown = server.peak_bytes().saturating_sub(before);
        println!(
            "{path}: {echoes} of 50,000 answered, {} KiB grown",
            grown / 1024
        );
        assert_eq!(code, Some(1008), "{path}");
        assert!((200..2_000).contains(&echoes), "{path}: {echoes}");
        assert!(grown < GROWTH_MAX, "{path}: {grown} bytes");
        neighbour.lives().await;
    }
    server.counts("groups", 0).await;
}
