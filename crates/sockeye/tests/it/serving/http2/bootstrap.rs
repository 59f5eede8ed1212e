//! The handshake over HTTP/2, case by case as Cowboy's suite for RFC 8441 has them.

use std::net::SocketAddr;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;

use crate::harness::{Raw, serve};
use crate::serving::echo;
use crate::serving::http2::frames::{
    CONNECT, DATA, Frame, HEADERS, PROTOCOL_ERROR, RST_STREAM, Wire,
};

/// A server of somebody else's that did not turn extended CONNECT on.
async fn without_connect_protocol() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        let http = auto::Builder::new(TokioExecutor::new());
        let service = TowerToHyperService::new(echo());
        let _ = http
            .serve_connection_with_upgrades(TokioIo::new(tcp), service)
            .await;
    });
    address
}

/// Asks with these lines, and gives the first frame of the answer.
async fn answer_to(lines: &[(&str, &str)]) -> Frame {
    let server = serve(echo()).await;
    let mut wire = Wire::connect(server.address).await;
    assert!(wire.offers_connect_protocol());
    wire.headers(1, 0, lines).await;
    wire.frame_on(1).await
}

/// The lines of a faultless request with one in the place of another, or in addition.
fn with(name: &'static str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    let mut lines = without(name);
    // Pseudo-headers come first.
    let at = if name.starts_with(':') {
        0
    } else {
        lines.len()
    };
    lines.insert(at, (name, value));
    lines
}

fn without(name: &str) -> Vec<(&'static str, &'static str)> {
    let kept = CONNECT.into_iter().filter(|(found, _)| *found != name);
    kept.collect()
}

fn is_reset(frame: &Frame) -> bool {
    frame.kind == RST_STREAM && frame.code() == PROTOCOL_ERROR
}

/// Reads `:status` out of an answer: indexed for the usual ones (RFC 7541 Appendix A), else literal or in Huffman code.
fn status(frame: &Frame) -> u16 {
    assert_eq!(frame.kind, HEADERS, "{frame:?}");
    match frame.payload.as_slice() {
        [0x88, ..] => 200,
        [0x8c, ..] => 400,
        [0x8d, ..] => 404,
        // An indexed name, and 3 digits in Huffman code.
        [0x48, 0x82, 0x6c, 0x01, ..] => 501,
        other => panic!("unexpected status in {other:x?}"),
    }
}

#[tokio::test]
async fn a_server_that_does_not_offer_it_resets_the_stream() {
    let mut wire = Wire::connect(without_connect_protocol().await).await;
    assert!(!wire.offers_connect_protocol());
    wire.headers(1, 0, &CONNECT).await;
    assert!(is_reset(&wire.frame_on(1).await));
}

#[tokio::test]
async fn our_server_offers_it_by_default() {
    let server = serve(echo()).await;
    assert!(
        Wire::connect(server.address)
            .await
            .offers_connect_protocol()
    );
}

#[tokio::test]
async fn the_protocol_is_known_in_any_case() {
    assert_eq!(
        status(&answer_to(&with(":protocol", "WEBSOCKET")).await),
        200
    );
}

#[tokio::test]
async fn two_protocols_are_a_protocol_error() {
    let mut lines = CONNECT.to_vec();
    lines.insert(2, (":protocol", "mqtt"));
    assert!(is_reset(&answer_to(&lines).await));
}

#[tokio::test]
async fn a_protocol_that_we_do_not_speak_is_not_implemented() {
    assert_eq!(status(&answer_to(&with(":protocol", "mqtt")).await), 501);
}

#[tokio::test]
async fn two_words_are_no_protocol() {
    assert_eq!(
        status(&answer_to(&with(":protocol", "websocket mqtt")).await),
        400
    );
}

#[tokio::test]
async fn a_line_break_is_part_of_no_protocol() {
    assert_eq!(
        status(&answer_to(&with(":protocol", "websocket\r\n")).await),
        400
    );
}

#[tokio::test]
async fn a_nul_is_part_of_no_protocol() {
    assert_eq!(
        status(&answer_to(&with(":protocol", "websocket\0")).await),
        400
    );
}

#[tokio::test]
async fn a_request_without_scheme_is_a_protocol_error() {
    assert!(is_reset(&answer_to(&without(":scheme")).await));
}

#[tokio::test]
async fn a_request_without_path_is_a_protocol_error() {
    assert!(is_reset(&answer_to(&without(":path")).await));
}

#[tokio::test]
async fn a_request_without_authority_is_refused() {
    assert_eq!(status(&answer_to(&without(":authority")).await), 400);
}

#[tokio::test]
async fn a_host_header_stands_in_for_the_authority() {
    let mut lines = without(":authority");
    lines.push(("host", "localhost"));
    assert_eq!(status(&answer_to(&lines).await), 200);
}

#[tokio::test]
async fn a_request_without_protocol_is_a_protocol_error() {
    assert!(is_reset(&answer_to(&without(":protocol")).await));
}

#[tokio::test]
async fn a_connection_header_is_a_protocol_error() {
    assert!(is_reset(&answer_to(&with("connection", "upgrade")).await));
}

#[tokio::test]
async fn an_upgrade_header_is_a_protocol_error() {
    assert!(is_reset(&answer_to(&with("upgrade", "websocket")).await));
}

#[tokio::test]
async fn a_protocol_on_anything_but_connect_is_a_protocol_error() {
    assert!(is_reset(&answer_to(&with(":method", "GET")).await));
}

#[tokio::test]
async fn a_path_without_a_route_is_not_found() {
    assert_eq!(status(&answer_to(&with(":path", "/nowhere")).await), 404);
}

#[tokio::test]
async fn the_example_of_the_rfc_works() {
    let server = serve(echo()).await;
    let mut wire = Wire::connect(server.address).await;
    wire.headers(1, 0, &CONNECT).await;
    assert_eq!(status(&wire.frame_on(1).await), 200);
    wire.send(DATA, 0, 1, &Raw::masked(0x81, b"Hello")).await;
    let data = wire.frame_of(DATA).await;
    assert_eq!((data.stream, &data.payload[..]), (1, &b"\x81\x05Hello"[..]));
}
