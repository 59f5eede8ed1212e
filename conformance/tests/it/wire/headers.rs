//! Headers: masks, reserved bits, opcodes and lengths that no client may send (RFC 6455 5.2, 5.5).

use crate::frames::{BINARY, CLOSE, MASKED, PING, PONG, TEXT, declared, frame, ping, unmasked};
use crate::harness::Server;
use crate::wire::rows::{Row, closed, play};

/// The default limit.
const MESSAGE_BYTES: u64 = 1 << 20;

#[rustfmt::skip]
fn single() -> Vec<Row> {
    let piece = |second: Vec<u8>| [frame(0x01, b"a"), second].concat();
    vec![
        closed("text without a mask", unmasked(TEXT, b"hi"), 1002),
        closed("empty text without a mask", unmasked(TEXT, b""), 1002),
        closed("binary without a mask", unmasked(BINARY, b"hi"), 1002),
        closed("long binary without a mask", unmasked(BINARY, &[7; 200]), 1002),
        closed("a ping without a mask", unmasked(PING, b""), 1002),
        closed("a pong without a mask", unmasked(PONG, b""), 1002),
        closed("a close without a mask", unmasked(CLOSE, &[3, 232]), 1002),
        closed("a piece without a mask", piece(unmasked(0x80, b"b")), 1002),
        closed("a ping in pieces", frame(0x09, b""), 1002),
        closed("a pong in pieces", frame(0x0a, b""), 1002),
        closed("a close in pieces", frame(0x08, b""), 1002),
        closed("a ping of 126 bytes", ping(&[0; 126]), 1002),
        closed("a pong of 126 bytes", frame(PONG, &[0; 126]), 1002),
        closed("a close of 126 bytes", frame(CLOSE, &[0; 126]), 1002),
        closed("a ping of 64 KiB", declared(PING, 65_536, b""), 1002),
        closed("compressed text without an agreement", frame(0xc1, b"x"), 1002),
        closed("compressed binary without an agreement", frame(0xc2, b"x"), 1002),
        closed("a compressed ping", frame(0xc9, b""), 1002),
        closed("HTTP", b"GET / HTTP/1.1\r\n\r\n".to_vec(), 1002),
        closed("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), 1002),
        closed("TLS", vec![0x16, 0x03, 0x01, 0x02, 0x00, 0x01], 1002),
        closed("zeros", vec![0; 16], 1002),
        closed("ones", vec![0xff; 16], 1002),
        closed("a frame of one byte more", declared(BINARY, MESSAGE_BYTES + 1, b""), 1009),
        closed("a text of one byte more", declared(TEXT, MESSAGE_BYTES + 1, b"x"), 1009),
        closed("a frame of 2 GiB", declared(BINARY, 1 << 31, b"x"), 1009),
        closed("a frame of 4 GiB", declared(TEXT, 1 << 32, b"x"), 1009),
        closed("the longest frame", declared(BINARY, (1 << 63) - 1, b"x"), 1009),
        closed("a length with the top bit", declared(BINARY, 1 << 63, b"x"), 1002),
        closed("a length of ones", declared(TEXT, u64::MAX, b"x"), 1002),
    ]
}

/// Every reserved opcode, every reserved bit, every length that is longer than it need be.
fn families() -> Vec<Row> {
    let mut rows = Vec::new();
    for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
        rows.push(closed("a reserved opcode", frame(0x80 | opcode, b""), 1002));
        rows.push(closed(
            "a reserved opcode in pieces",
            frame(opcode, b"x"),
            1002,
        ));
    }
    for bits in [0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70] {
        let piece = [frame(0x01, b""), frame(0x80 | bits, b"")].concat();
        rows.push(closed(
            "reserved bits of a text",
            frame(TEXT | bits, b"x"),
            1002,
        ));
        rows.push(closed(
            "reserved bits of a ping",
            frame(PING | bits, b""),
            1002,
        ));
        rows.push(closed(
            "reserved bits of a close",
            frame(CLOSE | bits, b""),
            1002,
        ));
        rows.push(closed("reserved bits of a piece", piece, 1002));
    }
    for length in [0_u16, 1, 124, 125] {
        let spelled = [&[BINARY, MASKED | 126], &length.to_be_bytes()[..], &[0; 4]].concat();
        rows.push(closed("a length in 16 bits that needs none", spelled, 1002));
    }
    for length in [0_u64, 1, 125, 126, 65_535] {
        let spelled = [&[BINARY, MASKED | 127], &length.to_be_bytes()[..], &[0; 4]].concat();
        rows.push(closed(
            "a length in 64 bits that needs fewer",
            spelled,
            1002,
        ));
    }
    rows
}

#[tokio::test]
async fn headers_that_no_client_may_send_close_the_connection() {
    let server = Server::start();
    for path in ["/echo", "/function"] {
        let played = play(&server, path, &single()).await + play(&server, path, &families()).await;
        println!("{played} rows of headers on {path}");
    }
    server.empty().await;
}
