//! Attacks on HTTP/2, by what they are known for: none costs more than its own connection.

use crate::harness::{Running, serve};
use crate::serving::flood::flood;
use crate::serving::http2::frames::{
    ACK, CONNECT, CONTINUATION, DATA, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM, Frame, GOAWAY,
    HEADERS, PING, PROTOCOL_ERROR, RST_STREAM, SETTINGS, WINDOW_UPDATE, Wire, block,
};
use crate::serving::{echo, get};

const GET: [(&str, &str); 4] = [
    (":method", "GET"),
    (":scheme", "http"),
    (":path", "/"),
    (":authority", "localhost"),
];

/// The server still serves.
async fn is_well(server: &Running) {
    assert_eq!(get(&mut server.raw().await, "/").await.1, b"a page");
}

fn bytes(frames: impl IntoIterator<Item = Frame>) -> Vec<u8> {
    frames
        .into_iter()
        .flat_map(|frame| frame.to_bytes())
        .collect()
}

/// Writes an attack, and gives the code with which the server ends the connection.
async fn ends(attack: &[u8]) -> Option<u32> {
    let server = serve(echo()).await;
    let mut wire = Wire::connect(server.address).await;
    wire.write_while_taken(attack).await;
    let code = wire.sent_away().await;
    is_well(&server).await;
    code
}

#[tokio::test]
async fn requests_reset_as_fast_as_they_are_sent_cve_2023_44487() {
    let head = block(&GET);
    let attack = (0..500).flat_map(|n| {
        let headers = Frame::new(HEADERS, END_HEADERS | END_STREAM, 2 * n + 1, &head);
        [
            headers,
            Frame::new(RST_STREAM, 0, 2 * n + 1, &8_u32.to_be_bytes()),
        ]
    });
    assert_eq!(ends(&bytes(attack)).await, Some(ENHANCE_YOUR_CALM));
}

#[tokio::test]
async fn malformed_requests_that_the_server_has_to_reset_cve_2019_9514() {
    let head = block(&GET[1..]);
    let attack = (0..3000).map(|n| Frame::new(HEADERS, END_HEADERS | END_STREAM, 2 * n + 1, &head));
    let code = ends(&bytes(attack)).await;
    // Its GOAWAY may be lost in the reset of a connection that is still being written to.
    assert!(matches!(code, Some(ENHANCE_YOUR_CALM) | None), "{code:?}");
}

#[tokio::test]
async fn heads_without_an_end_vu_421644() {
    let start = Frame::new(HEADERS, END_STREAM, 1, &block(&GET));
    let more =
        (0..100).map(|_| Frame::new(CONTINUATION, 0, 1, &block(&[("x", &"y".repeat(1000))])));
    let code = ends(&bytes([start].into_iter().chain(more))).await;
    assert!(matches!(code, Some(ENHANCE_YOUR_CALM) | None), "{code:?}");
}

#[tokio::test]
async fn empty_continuations_cve_2019_9518() {
    let start = Frame::new(HEADERS, END_STREAM, 1, &[]);
    let more = (0..20_000).map(|_| Frame::new(CONTINUATION, 0, 1, &[]));
    let code = ends(&bytes([start].into_iter().chain(more))).await;
    assert!(matches!(code, Some(ENHANCE_YOUR_CALM) | None), "{code:?}");
}

#[tokio::test]
async fn empty_data_frames_cve_2019_9518() {
    let start = Frame::new(HEADERS, END_HEADERS, 1, &block(&CONNECT));
    let more = (0..20_000).map(|_| Frame::new(DATA, 0, 1, &[]));
    let code = ends(&bytes([start].into_iter().chain(more))).await;
    assert!(matches!(code, Some(ENHANCE_YOUR_CALM) | None), "{code:?}");
}

/// A head whose one large header is repeated: once as itself, which puts it into the table, and then in a byte each.
fn repeating(times: usize) -> Vec<u8> {
    let mut head = block(&GET);
    // Literal with incremental indexing, and a value of 127 + 1 + 30 * 128 bytes.
    head.extend([0x40, 1, b'x', 0x7f, 0x81, 0x1e]);
    head.extend([b'y'; 127 + 1 + 30 * 128]);
    head.extend(std::iter::repeat_n(0x80 | 62, times));
    head
}

#[tokio::test]
async fn a_header_that_unpacks_to_megabytes_cve_2026_49975() {
    let attack = Frame::new(HEADERS, END_HEADERS | END_STREAM, 1, &repeating(10_000));
    assert_eq!(ends(&attack.to_bytes()).await, Some(ENHANCE_YOUR_CALM));
}

#[tokio::test]
async fn heads_beyond_the_limits_are_refused_as_over_http1() {
    let many: Vec<(String, &str)> = (0..65).map(|n| (format!("x-{n}"), "1")).collect();
    let many = many.iter().map(|(name, value)| (name.as_str(), *value));
    let many: Vec<_> = GET.into_iter().chain(many).collect();
    // An indexed name, and 431 in Huffman code.
    let refused = &[0x48, 0x83, 0x69, 0x90][..];
    for (head, status) in [
        (repeating(4), refused),
        (block(&many), refused),
        (block(&many[..GET.len() + 64]), &[0x88]),
    ] {
        let server = serve(echo()).await;
        let mut wire = Wire::connect(server.address).await;
        wire.send(HEADERS, END_HEADERS | END_STREAM, 1, &head).await;
        let answer = wire.frame_on(1).await;
        assert_eq!(
            (answer.kind, &answer.payload[..status.len()]),
            (HEADERS, status)
        );
    }
}

#[tokio::test]
async fn a_header_without_a_name_cve_2019_9516() {
    let lines = [&GET[..], &[("", "CVE-2019-9516")]].concat();
    let server = serve(echo()).await;
    let mut wire = Wire::connect(server.address).await;
    wire.headers(1, END_STREAM, &lines).await;
    loop {
        let frame = wire.frame().await.unwrap();
        if matches!(frame.kind, RST_STREAM | GOAWAY) {
            assert_eq!(frame.code(), PROTOCOL_ERROR);
            break;
        }
        assert_ne!(frame.kind, HEADERS, "it was answered");
    }
    is_well(&server).await;
}

#[tokio::test]
async fn pushes_from_a_client_cve_2019_9518() {
    const PUSH_PROMISE: u8 = 5;
    let attack = Frame::new(PUSH_PROMISE, END_HEADERS, 1, &3_u32.to_be_bytes());
    assert_eq!(ends(&attack.to_bytes()).await, Some(PROTOCOL_ERROR));
}

#[tokio::test]
async fn a_window_that_overflows_cve_2019_9511() {
    let attack = (0..2).map(|_| Frame::new(WINDOW_UPDATE, 0, 0, &0x7fff_ffff_u32.to_be_bytes()));
    assert!(matches!(ends(&bytes(attack)).await, Some(3)));
}

/// Sends a frame that asks for an answer over and over and reads none. The server must stop reading, or end it: what it
/// must not do is to gather answers without end.
async fn holds_up(frame: &Frame) {
    let server = serve(echo()).await;
    let mut wire = Wire::connect(server.address).await;
    let taken = flood(&server, &mut wire.tcp, &frame.to_bytes().repeat(1000)).await;
    // What fits the buffers of two kernels, and not much more.
    assert!(taken < 64 << 20, "{taken} bytes");
}

#[tokio::test]
async fn pings_whose_answers_are_not_read_cve_2019_9512() {
    holds_up(&Frame::new(PING, 0, 0, &[0; 8])).await;
}

#[tokio::test]
async fn settings_whose_answers_are_not_read_cve_2019_9515() {
    holds_up(&Frame::new(SETTINGS, 0, 0, &[])).await;
}

#[tokio::test]
async fn answers_to_settings_that_nobody_sent() {
    let code = ends(&bytes((0..100).map(|_| Frame::new(SETTINGS, ACK, 0, &[])))).await;
    assert!(matches!(code, Some(PROTOCOL_ERROR) | None), "{code:?}");
}
