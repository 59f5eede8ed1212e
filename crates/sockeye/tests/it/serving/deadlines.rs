//! Clients that take their time are not waited for.

use std::time::Duration;

use sockeye::ServerOptions;

use crate::harness::{Raw, Running, serve_with, within};
use crate::serving::{echo, echoes, get};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// An empty SETTINGS frame.
const SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];

async fn hasty() -> Running {
    let mut options = ServerOptions::default();
    options.header_timeout = Duration::from_millis(100);
    serve_with(echo(), options).await
}

/// Opens a connection, sends `bytes` and nothing more, and waits for the server to end it; gives what it said.
async fn falls_silent_after(bytes: &[u8]) -> Vec<u8> {
    let server = hasty().await;
    let mut raw = server.raw().await;
    raw.write(bytes).await;
    raw.rest().await
}

/// Writes `first`, then byte for byte of `drip` for ever, and waits for the server to end the connection.
async fn drips(raw: &mut Raw, first: &[u8], drip: u8) {
    raw.write(first).await;
    let (mut reader, mut writer) = raw.0.split();
    let dripping = async {
        let mut pace = tokio::time::interval(Duration::from_millis(10));
        loop {
            pace.tick().await;
            if tokio::io::AsyncWriteExt::write_all(&mut writer, &[drip])
                .await
                .is_err()
            {
                return std::future::pending().await;
            }
        }
    };
    let mut scrap = tokio::io::sink();
    let ended = tokio::io::copy(&mut reader, &mut scrap);
    within("an end to the dripping", async {
        tokio::select! {
            never = dripping => never,
            // A reset is an end as well: bytes of ours were on their way.
            _ = ended => {}
        }
    })
    .await;
}

#[tokio::test]
async fn who_says_nothing_is_sent_away() {
    assert_eq!(falls_silent_after(b"").await, b"");
}

#[tokio::test]
async fn who_stops_inside_the_request_line_is_sent_away() {
    falls_silent_after(b"GET /ec").await;
}

#[tokio::test]
async fn who_stops_before_the_end_of_the_head_is_sent_away() {
    falls_silent_after(Raw::head("/echo").as_bytes()).await;
}

#[tokio::test]
async fn who_stops_anywhere_inside_the_preface_of_http2_is_sent_away() {
    let server = hasty().await;
    let mut waiting = Vec::new();
    for cut in 1..=PREFACE.len() {
        let mut raw = server.raw().await;
        raw.write(&PREFACE[..cut]).await;
        waiting.push(raw);
    }
    for mut raw in waiting {
        raw.ended().await;
    }
}

#[tokio::test]
async fn who_opens_http2_and_asks_for_nothing_is_sent_away() {
    falls_silent_after(&[PREFACE, &SETTINGS].concat()).await;
}

#[tokio::test]
async fn a_preface_that_comes_in_drops_gains_no_time() {
    let server = hasty().await;
    let mut raw = server.raw().await;
    let mut pace = tokio::time::interval(Duration::from_millis(20));
    for byte in PREFACE {
        pace.tick().await;
        if tokio::io::AsyncWriteExt::write_all(&mut raw.0, &[*byte])
            .await
            .is_err()
        {
            break;
        }
    }
    raw.ended().await;
}

#[tokio::test]
async fn a_head_that_comes_in_drops_gains_no_time() {
    let server = hasty().await;
    let mut raw = server.raw().await;
    let head = format!("{}Cookie: a", Raw::head("/echo"));
    drips(&mut raw, head.as_bytes(), b'b').await;
}

#[tokio::test]
async fn empty_lines_before_a_request_gain_no_time() {
    let server = hasty().await;
    drips(&mut server.raw().await, b"\r\n", b'\n').await;
}

#[tokio::test]
async fn a_connection_kept_alive_is_not_kept_for_ever() {
    let server = hasty().await;
    let mut raw = server.raw().await;
    assert_eq!(get(&mut raw, "/").await.1, b"a page");
    raw.ended().await;
}

#[tokio::test]
async fn the_second_request_has_the_same_deadline_as_the_first() {
    let server = hasty().await;
    let mut raw = server.raw().await;
    assert_eq!(get(&mut raw, "/").await.1, b"a page");
    drips(&mut raw, b"GET / HTTP/1.1\r\nCookie: a", b'b').await;
}

#[tokio::test]
async fn a_socket_outlives_the_deadlines_of_http() {
    let server = hasty().await;
    let mut socket = server.raw().await;
    socket.upgrade("/echo").await;
    // Others whose deadline begins later have met theirs: so has this one.
    for _ in 0..3 {
        server.raw().await.ended().await;
    }
    echoes(&mut socket, "still here").await;
}
