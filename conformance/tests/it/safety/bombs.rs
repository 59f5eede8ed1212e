//! Deflate bombs: what is small on the wire stays small in memory.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};
use futures_util::future::join_all;

use crate::frames::{TEXT, frame};
use crate::harness::Server;

const OFFER: &str = "Sec-WebSocket-Extensions: permessage-deflate\r\n";

/// First bytes of compressed messages.
const DEFLATED_TEXT: u8 = 0xc1;
const DEFLATED_BINARY: u8 = 0xc2;

/// The default limit of a message.
const LIMIT: usize = 1 << 20;

/// A compressed payload, as permessage-deflate puts it on the wire.
fn deflated(codec: &mut Compress, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() / 2 + 64);
    codec
        .compress_vec(payload, &mut out, FlushCompress::Sync)
        .unwrap();
    assert!(out.ends_with(&[0, 0, 255, 255]));
    out.truncate(out.len() - 4);
    out
}

fn alone(payload: &[u8]) -> Vec<u8> {
    deflated(&mut Compress::new(Compression::best(), false), payload)
}

#[tokio::test]
async fn a_bomb_is_refused_while_it_inflates() {
    let server = Server::warmed_up().await;
    // The first compressed messages pay for the codecs that all connections share.
    for _ in 0..4 {
        let mut raw = server.open_with("/echo", OFFER).await;
        raw.write(&frame(DEFLATED_TEXT, &alone(&[b'x'; 1000])))
            .await;
        raw.frame().await.unwrap();
    }
    let bomb = alone(&vec![0; 10 << 20]);
    let burst = async || {
        let mut raw = server.open_with("/echo", OFFER).await;
        raw.write(&frame(DEFLATED_BINARY, &bomb)).await;
        raw.close_code().await
    };
    let before = server.reset_peak();
    assert_eq!(burst().await, Some(1009));
    let one = server.peak_bytes().saturating_sub(before);
    assert_eq!(join_all((1..32).map(|_| burst())).await, [Some(1009); 31]);
    let all = server.peak_bytes().saturating_sub(before);
    let (one_kib, all_kib, bytes) = (one / 1024, all / 1024, bomb.len());
    println!("bombs of {bytes} bytes that inflate to 10 MiB: one {one_kib} KiB, 32 {all_kib} KiB");
    assert!(one < LIMIT as u64 + 256 * 1024, "{one} bytes");
    // Each of two shards inflates one at a time; a buffer that grows is there twice for a moment.
    assert!(all < 6 * LIMIT as u64, "{all} bytes");
}

#[tokio::test]
async fn the_limit_counts_inflated_bytes_to_the_last_one() {
    let server = Server::start();
    for path in ["/echo", "/takeover"] {
        let mut raw = server.open_with(path, OFFER).await;
        raw.write(&frame(DEFLATED_BINARY, &alone(&vec![7; LIMIT])))
            .await;
        let (first, payload) = raw.frame().await.unwrap();
        assert_eq!(first, DEFLATED_BINARY, "{path}");
        assert_eq!(
            inflated(&mut Decompress::new(false), &payload),
            vec![7; LIMIT]
        );

        let mut raw = server.open_with(path, OFFER).await;
        raw.write(&frame(DEFLATED_BINARY, &alone(&vec![7; LIMIT + 1])))
            .await;
        assert_eq!(raw.close_code().await, Some(1009), "{path}");

        let mut raw = server.open_with(path, OFFER).await;
        let bomb = alone(&vec![7; 2 * LIMIT]);
        let (begin, end) = bomb.split_at(bomb.len() / 2);
        raw.write(&[frame(0x42, begin), frame(0x80, end)].concat())
            .await;
        assert_eq!(raw.close_code().await, Some(1009), "{path}");
    }
}

#[tokio::test]
async fn a_context_of_a_hundred_messages_is_followed_and_its_bomb_refused() {
    let server = Server::start();
    let mut raw = server.open_with("/takeover", OFFER).await;
    let (mut out, mut back) = (
        Compress::new(Compression::default(), false),
        Decompress::new(false),
    );
    for n in 0..100 {
        let text = format!(
            "message {n} of those that are all alike, {}",
            "and long ".repeat(20)
        );
        raw.write(&frame(DEFLATED_TEXT, &deflated(&mut out, text.as_bytes())))
            .await;
        let (first, payload) = raw.frame().await.unwrap();
        assert_eq!(
            (first, inflated(&mut back, &payload)),
            (DEFLATED_TEXT, text.into_bytes())
        );
    }
    raw.write(&frame(
        DEFLATED_BINARY,
        &deflated(&mut out, &vec![7; LIMIT + 1]),
    ))
    .await;
    assert_eq!(raw.close_code().await, Some(1009));
}

#[tokio::test]
async fn what_does_not_inflate_closes_1007() {
    let server = Server::start();
    let whole = alone(b"a compressed message, and a compressed message");
    for (why, payload) in [
        ("noise", vec![0xff; 32]),
        (
            "a message that stops inside a block",
            whole[..whole.len() / 2].to_vec(),
        ),
        (
            "a stored block with a wrong check",
            vec![0x00, 0x05, 0x00, 0x00, 0x00, 1, 2, 3, 4, 5],
        ),
    ] {
        let mut raw = server.open_with("/echo", OFFER).await;
        raw.write(&frame(DEFLATED_BINARY, &payload)).await;
        assert_eq!(raw.close_code().await, Some(1007), "{why}");
    }
    let mut raw = server.open_with("/echo", OFFER).await;
    raw.write(&frame(DEFLATED_TEXT, &alone(&[b'a', 0xff])))
        .await;
    assert_eq!(
        raw.close_code().await,
        Some(1007),
        "inflated text that is not UTF-8"
    );
    let mut raw = server.open_with("/echo", OFFER).await;
    raw.write(&frame(TEXT, b"plain")).await;
    assert_eq!(raw.frame().await, Some((TEXT, b"plain".to_vec())));
}

fn inflated(codec: &mut Decompress, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(2 * LIMIT);
    for part in [payload, &[0, 0, 255, 255]] {
        codec
            .decompress_vec(part, &mut out, FlushDecompress::Sync)
            .unwrap();
    }
    out
}
