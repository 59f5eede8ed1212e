//! From HTTP/1.1 to frames on the same connection, without a byte lost or read twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sockeye::{Options, Router, endpoint};
use tokio::io::AsyncReadExt;

use crate::harness::{Raw, serve, until, within};
use crate::serving::{Echo, answer, echo, echoes, get};

fn handshake() -> Vec<u8> {
    format!("{}\r\n", Raw::head("/echo")).into_bytes()
}

#[tokio::test]
async fn frames_right_behind_the_handshake_are_frames() {
    let server = serve(echo()).await;
    let mut raw = server.raw().await;
    let frames = [
        Raw::masked(0x81, b"first"),
        Raw::masked(0x82, b"second"),
        Raw::masked(0x88, &[]),
    ];
    raw.write(&[handshake(), frames.concat()].concat()).await;
    assert!(raw.read_head().await.starts_with("HTTP/1.1 101"));
    assert_eq!(raw.frame().await, Some((0x81, b"first".to_vec())));
    assert_eq!(raw.frame().await, Some((0x82, b"second".to_vec())));
    assert_eq!(raw.frame().await, Some((0x88, Vec::new())));
    assert_eq!(raw.frame().await, None);
}

#[tokio::test]
async fn a_long_message_behind_the_handshake_arrives_whole() {
    let server = serve(echo()).await;
    let mut raw = server.raw().await;
    let payload: Vec<u8> = (0..300_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    raw.write(&[handshake(), Raw::masked(0x82, &payload)].concat())
        .await;
    assert!(raw.read_head().await.starts_with("HTTP/1.1 101"));
    assert!(raw.frame().await == Some((0x82, payload)));
}

#[tokio::test]
async fn a_handshake_and_a_frame_cut_anywhere_come_out_the_same() {
    let server = serve(echo()).await;
    let bytes = [handshake(), Raw::masked(0x81, b"whole")].concat();
    let head = handshake().len();
    for cut in head - 3..=bytes.len() {
        let mut raw = server.raw().await;
        raw.0.set_nodelay(true).unwrap();
        raw.write(&bytes[..cut]).await;
        raw.write(&bytes[cut..]).await;
        assert!(raw.read_head().await.starts_with("HTTP/1.1 101"));
        assert_eq!(
            raw.frame().await,
            Some((0x81, b"whole".to_vec())),
            "cut at {cut}"
        );
    }
}

#[tokio::test]
async fn a_request_behind_the_handshake_is_no_request() {
    let server = serve(echo()).await;
    let mut raw = server.raw().await;
    raw.write(
        &[
            handshake(),
            b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(),
        ]
        .concat(),
    )
    .await;
    assert!(raw.read_head().await.starts_with("HTTP/1.1 101"));
    // `G` has reserved bits set.
    let (first, payload) = raw.frame().await.unwrap();
    assert_eq!((first, &payload[..2]), (0x88, &1002_u16.to_be_bytes()[..]));
}

#[tokio::test]
async fn a_connection_serves_many_requests_and_then_a_socket() {
    let server = serve(echo()).await;
    let mut raw = server.raw().await;
    for _ in 0..50 {
        assert_eq!(get(&mut raw, "/").await.1, b"a page");
    }
    raw.write(b"GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    let (head, _) = answer(&mut raw).await;
    assert!(head.starts_with("HTTP/1.1 426"), "{head}");
    raw.upgrade("/echo").await;
    echoes(&mut raw, "a socket at last").await;
    assert_eq!(server.hub.stats().accepted, 1);
}

#[tokio::test]
async fn a_refused_upgrade_ends_the_connection() {
    let server = serve(echo()).await;
    let wrong_version = Raw::head("/echo").replace("13", "12");
    for (head, status) in [(Raw::head("/nowhere"), "404"), (wrong_version, "426")] {
        let mut raw = server.raw().await;
        raw.write(format!("{head}\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes())
            .await;
        let (head, _) = answer(&mut raw).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{head}");
        let connection = head.lines().find(|line| line.starts_with("connection:"));
        assert!(
            connection.is_some_and(|line| line.ends_with("close")),
            "{head}"
        );
        let mut more = Vec::new();
        // What stands behind is not read as a request; a reset says so as well as an end.
        let _ = within("the end", raw.0.read_to_end(&mut more)).await;
        assert_eq!(more, b"");
    }
}

#[tokio::test]
async fn requests_that_come_before_the_handshake_at_once_are_answered_in_order() {
    let server = serve(echo()).await;
    let mut raw = server.raw().await;
    let page = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    raw.write(&[page.repeat(5), handshake(), Raw::masked(0x81, b"last")].concat())
        .await;
    for _ in 0..5 {
        assert_eq!(answer(&mut raw).await.1, b"a page");
    }
    assert!(raw.read_head().await.starts_with("HTTP/1.1 101"));
    assert_eq!(raw.frame().await, Some((0x81, b"last".to_vec())));
}

#[tokio::test]
async fn who_reads_no_answer_is_not_waited_for_longer_than_a_handshake_may_take() {
    let mut options = Options::default();
    options.handshake_timeout = Duration::from_millis(100);
    let begun = Arc::new(AtomicBool::new(false));
    let begins = Arc::clone(&begun);
    // An answer that the buffers of both sides do not hold.
    let endless = endpoint(|| Echo).options(options).accept(move |handshake| {
        begins.store(true, Ordering::SeqCst);
        let long = "x".repeat(16 * 1024 * 1024).try_into().unwrap();
        handshake.response_headers_mut().insert("x-long", long);
        Ok(())
    });
    let server = serve(Router::new().route("/echo", endless)).await;
    let mut raw = server.raw().await;
    raw.write(&handshake()).await;
    until("a handshake", || begun.load(Ordering::SeqCst)).await;
    server.empty().await;
    assert_eq!(server.hub.stats().accepted, 0);
}
