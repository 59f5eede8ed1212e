//! Silence: upgraded peers that say nothing, or never finish what they say.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::OwnedWriteHalf;

use crate::frames::CLOSE;
use crate::harness::{Server, within};

/// What a peer sends and what it then repeats, on a route whose timeouts are 300 ms, and the code it gets.
#[rustfmt::skip]
const PEERS: &[(&str, &[u8], &[u8], u16)] = &[
    ("answers no ping", b"", b"", 1001),
    ("stops inside a header", b"\x82", b"", 1008),
    ("stops inside a length", b"\x82\xff\0\0", b"", 1008),
    ("drips one frame", b"\x82\xff\0\0\0\0\0\x0f\0\0\x12\x34\x56\x78", b"x", 1008),
    ("drips pieces", b"\x02\x80\x12\x34\x56\x78", b"\0\x80\x12\x34\x56\x78", 1008),
    ("drips pongs inside a message", b"\x02\x80\x12\x34\x56\x78", b"\x8a\x80\x12\x34\x56\x78", 1008),
];

#[tokio::test]
async fn who_is_silent_or_never_finishes_a_message_is_closed() {
    let server = Server::start();
    join_all(PEERS.iter().map(async |(why, first, piece, expected)| {
        let mut raw = server.open("/hasty").await;
        raw.write(first).await;
        let (mut reader, writer) = raw.0.into_split();
        let dripping = tokio::spawn(drip(writer, piece));
        let mut all = Vec::new();
        within(why, reader.read_to_end(&mut all)).await.unwrap();
        dripping.abort();
        let code = expected.to_be_bytes();
        let close = all
            .windows(4)
            .find(|four| four[0] == CLOSE && four[2..] == code);
        assert!(close.is_some(), "{why}: expected {expected}, found {all:?}");
    }))
    .await;
    server.empty().await;
}

/// Writes `piece` twenty times a second, which is within every rate, for as long as anybody takes it.
async fn drip(mut writer: OwnedWriteHalf, piece: &[u8]) {
    while writer.write_all(piece).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
