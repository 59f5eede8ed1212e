//! Streams: how bytes are cut, bunched and cut off.

use std::time::Duration;

use tokio::io::AsyncWriteExt;

use crate::frames::{self, BINARY, PONG, TEXT, close, declared, frame, text};
use crate::harness::Server;

#[tokio::test]
async fn a_thousand_frames_in_one_segment_are_each_answered_in_order() {
    let server = Server::start();
    let mut raw = server.open("/unrated").await;
    let frames: Vec<_> = (0..1000).map(|n| text(&n.to_string())).collect();
    raw.write(&frames.concat()).await;
    for n in 0..1000 {
        assert_eq!(raw.frame().await, Some((TEXT, n.to_string().into_bytes())));
    }
    raw.lives().await;
}

#[tokio::test]
async fn a_thousand_pieces_in_one_segment_are_one_message() {
    let server = Server::start();
    let mut raw = server.open("/echo").await;
    let mut sent = frame(0x02, b"0");
    sent.extend((1..1000).flat_map(|_| frame(0x00, b"1")));
    sent.extend(frame(0x80, b"2"));
    raw.write(&sent).await;
    let (first, payload) = raw.frame().await.unwrap();
    assert_eq!((first, payload.len()), (BINARY, 1001));
    raw.lives().await;
}

#[tokio::test]
async fn half_a_connection_is_no_connection() {
    let server = Server::start();
    for (sent, expected) in [
        (Vec::new(), None),
        (declared(TEXT, 100, b"half"), None),
        (frame(0x01, b"half"), None),
        (close(1000, ""), Some(1000)),
    ] {
        let mut raw = server.open("/echo").await;
        raw.write(&sent).await;
        raw.0.shutdown().await.unwrap();
        assert_eq!(raw.close_code().await, expected, "{sent:?}");
        raw.ended().await;
    }
    server.empty().await;
}

#[tokio::test]
async fn a_reset_anywhere_leaves_nothing_behind() {
    let server = Server::start();
    let mut neighbour = server.open("/echo").await;
    let cuts = [
        Vec::new(),
        vec![0x81],
        declared(TEXT, 100, b""),
        declared(BINARY, 1 << 20, &[7; 70_000]),
        frame(0x01, b"a piece"),
        text("a whole message"),
        [frame(0x01, b"a piece"), frames::ping(b"")].concat(),
    ];
    for path in ["/echo", "/function", "/group/reset"] {
        for sent in &cuts {
            let mut raw = server.open(path).await;
            raw.write(sent).await;
            let socket = socket2::SockRef::from(&raw.0);
            socket.set_linger(Some(Duration::ZERO)).unwrap();
            drop(raw);
        }
    }
    server.counts("connections", 1).await;
    server.counts("groups", 0).await;
    neighbour.lives().await;
}

#[tokio::test]
async fn a_handshake_in_single_bytes_is_a_handshake() {
    let server = Server::start();
    let mut raw = server.raw().await;
    let head = format!("{}\r\n", crate::harness::Raw::head("/echo"));
    for byte in head.bytes() {
        raw.write(&[byte]).await;
    }
    assert_eq!(raw.response().await.status, 101);
    raw.lives().await;
}

#[tokio::test]
async fn pings_between_the_bytes_of_a_message_do_not_disturb_it() {
    let server = Server::start();
    let mut raw = server.open("/echo").await;
    let mut sent = frame(0x01, b"");
    for byte in b"piece by piece" {
        sent.extend(frame(0x00, &[*byte]));
        sent.extend(frames::ping(&[*byte]));
    }
    sent.extend(frame(0x80, b""));
    for byte in sent {
        raw.write(&[byte]).await;
    }
    for byte in b"piece by piece" {
        assert_eq!(raw.frame().await, Some((PONG, vec![*byte])));
    }
    assert_eq!(raw.frame().await, Some((TEXT, b"piece by piece".to_vec())));
}
