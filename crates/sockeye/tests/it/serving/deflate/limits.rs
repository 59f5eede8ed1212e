//! What a compressed message may become, and what is no compressed message at all.

use sockeye::DeflateConfig;
use sockeye_protocol::MessageKind;

use crate::harness::Raw;
use crate::serving::deflate::client::Deflating;
use crate::serving::deflate::{RSV1, room};

/// The rooms' limit for messages.
const LIMIT: usize = 100_000;

fn taking_over() -> DeflateConfig {
    DeflateConfig::default().client_context_takeover(true)
}

#[tokio::test]
async fn a_message_may_inflate_to_the_limit_and_no_further() {
    for config in [DeflateConfig::default(), taking_over()] {
        let server = room(Some(config)).await;
        let mut client = Deflating::connect(&server, Some(config)).await;
        for _ in 0..5 {
            let sent = client.send(&"x".repeat(LIMIT)).await;
            assert!(sent < 1000);
            assert_eq!(client.text().await.text.len(), LIMIT);
        }
        client.send(&"x".repeat(LIMIT + 1)).await;
        assert_eq!(client.closed().await, Some(1009));
        drop(client);
        server.empty().await;
    }
}

#[tokio::test]
async fn a_bomb_is_closed_with_1009_and_harms_nobody_else() {
    let server = room(Some(taking_over())).await;
    let mut neighbour = Deflating::connect(&server, Some(taking_over())).await;
    for kind in [MessageKind::Text, MessageKind::Binary] {
        let mut attacker = Deflating::connect(&server, Some(taking_over())).await;
        let sent = attacker.send_as(kind, &vec![b'x'; 2 << 20]).await;
        assert!(sent < 32 * 1024, "{sent} bytes");
        assert_eq!(attacker.closed().await, Some(1009));
    }
    neighbour.send("still here").await;
    assert_eq!(neighbour.text().await.text, "still here");
}

#[tokio::test]
async fn a_compressed_frame_without_an_agreement_is_a_protocol_error() {
    let server = room(Some(DeflateConfig::default())).await;
    let mut client = Deflating::connect(&server, None).await;
    client
        .write(&Raw::masked(
            0x81 | RSV1,
            &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00],
        ))
        .await;
    assert_eq!(client.closed().await, Some(1002));
}

#[tokio::test]
async fn the_examples_of_the_rfc_are_understood() {
    let server = room(Some(DeflateConfig::default())).await;
    let mut client = Deflating::connect(&server, Some(DeflateConfig::default())).await;
    // RFC 7692 7.2.3: one block, two frames, no compression, two blocks.
    let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let stored = [
        0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00,
    ];
    let blocks = [
        0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00,
    ];
    for frames in [
        Raw::masked(0x81 | RSV1, &hello),
        [
            Raw::masked(0x01 | RSV1, &hello[..3]),
            Raw::masked(0x80, &hello[3..]),
        ]
        .concat(),
        Raw::masked(0x81 | RSV1, &stored),
        Raw::masked(0x81 | RSV1, &blocks),
    ] {
        client.write(&frames).await;
        assert_eq!(client.text().await.text, "Hello");
    }
}

#[tokio::test]
async fn what_does_not_inflate_closes_the_connection() {
    let server = room(Some(DeflateConfig::default())).await;
    let mut client = Deflating::connect(&server, Some(DeflateConfig::default())).await;
    client.write(&Raw::masked(0x82 | RSV1, &[0xff; 64])).await;
    assert_eq!(client.closed().await, Some(1007));
    drop(client);
    server.empty().await;
}
