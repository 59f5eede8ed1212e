//! Lengths: memory grows with bytes that arrived, never with what was declared or how often.

use futures_util::future::join_all;

use crate::frames::{BINARY, binary, declared, frame};
use crate::harness::{Raw, Server};

/// The default limits.
const LIMIT: u64 = 1 << 20;
const FRAGMENTS: usize = 1024;

/// What any one of these may cost the whole server.
const GROWTH_MAX: u64 = 2 << 20;

#[tokio::test]
async fn a_declared_length_costs_nothing() {
    let server = Server::warmed_up().await;
    let before = server.reset_peak();
    for (length, code) in [
        (60 << 20, 1009),
        (LIMIT + 1, 1009),
        (1 << 31, 1009),
        ((1 << 63) - 1, 1009),
        (1 << 63, 1002),
        (u64::MAX, 1002),
    ] {
        let codes = (0..50).map(async |_| {
            let mut raw = server.open("/echo").await;
            raw.write(&declared(BINARY, length, b"ten bytes.")).await;
            raw.close_code().await
        });
        assert_eq!(join_all(codes).await, vec![Some(code); 50], "{length}");
    }
    let grown = server.peak_bytes().saturating_sub(before);
    println!(
        "300 frames that declare up to 2^64 bytes: {} KiB",
        grown / 1024
    );
    assert!(grown < GROWTH_MAX, "{grown} bytes");
}

#[tokio::test]
async fn a_length_within_the_limit_is_not_set_aside_before_it_arrives() {
    const CLIENTS: u64 = 100;
    let server = Server::warmed_up().await;
    let mut neighbour = server.open("/echo").await;
    let before = server.reset_peak();
    let mut clients = join_all((0..CLIENTS).map(|_| server.open("/echo"))).await;
    for client in &mut clients {
        client.write(&declared(BINARY, LIMIT, b"ten bytes.")).await;
        client.write(b"and more").await;
    }
    // The neighbour's answer comes after the server has seen what came before.
    neighbour.lives().await;
    let each = server.peak_bytes().saturating_sub(before) / CLIENTS;
    println!("{CLIENTS} frames of 1 MiB of which 18 bytes arrived: {each} bytes each");
    assert!(each < 64 * 1024, "{each} bytes each");
}

#[tokio::test]
async fn a_flood_of_fragments_costs_nothing() {
    let server = Server::warmed_up().await;
    let mut one_byte = frame(0x02, b"x");
    one_byte.extend((0..20_000).flat_map(|_| frame(0x00, b"x")));
    let mut empty = frame(0x02, b"");
    empty.extend((0..20_000).flat_map(|_| frame(0x00, b"")));
    let before = server.reset_peak();
    let codes = (0..50).map(async |at| {
        let mut raw = server.open("/echo").await;
        raw.offer(if at % 2 == 0 { &one_byte } else { &empty })
            .await;
        raw.close_code().await
    });
    assert_eq!(join_all(codes).await, vec![Some(1008); 50]);
    let grown = server.peak_bytes().saturating_sub(before);
    println!("50 messages of 20,001 fragments: {} KiB", grown / 1024);
    assert!(grown < GROWTH_MAX, "{grown} bytes");
}

#[tokio::test]
async fn fragments_below_the_limit_are_held_as_the_bytes_they_are() {
    const CLIENTS: u64 = 130;
    let server = Server::warmed_up().await;
    let mut neighbour = server.open("/echo").await;
    let mut held = frame(0x02, b"x");
    held.extend((2..FRAGMENTS).flat_map(|_| frame(0x00, b"x")));
    let before = server.reset_peak();
    let mut clients: Vec<Raw> = join_all((0..CLIENTS).map(|_| server.open("/echo"))).await;
    for client in &mut clients {
        client.write(&held).await;
    }
    neighbour.lives().await;
    let each = server.peak_bytes().saturating_sub(before) / CLIENTS;
    println!("{CLIENTS} messages of 1,023 fragments, unfinished: {each} bytes each");
    assert!(each < 16 * 1024, "{each} bytes each");
}

#[tokio::test]
async fn large_messages_give_their_memory_back() {
    let server = Server::warmed_up().await;
    let message = binary(&vec![7; 1 << 20]);
    let before = server.reset_peak();
    for _ in 0..50 {
        let mut raw = server.open("/echo").await;
        raw.write(&message).await;
        raw.frame().await.unwrap();
    }
    let grown = server.peak_bytes().saturating_sub(before);
    println!(
        "50 messages of 1 MiB, one after another: {} KiB",
        grown / 1024
    );
    // The message as it arrived and its echo, in each of two shards, and their allocator.
    assert!(grown < 16 << 20, "{grown} bytes");
}
