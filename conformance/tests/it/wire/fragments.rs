//! Fragments: messages in pieces, whole, disordered, and too many (RFC 6455 5.4).

use crate::frames::{BINARY, PONG, TEXT, binary, declared, frame, ping, text};
use crate::harness::Server;
use crate::wire::rows::{Row, closed, echoed, play};

/// The default limits.
const MESSAGE_BYTES: usize = 1 << 20;
const FRAGMENTS: usize = 1024;

/// First bytes of frames of a message in pieces.
pub(crate) const TEXT_BEGINS: u8 = 0x01;
const BINARY_BEGINS: u8 = 0x02;
const CONTINUES: u8 = 0x00;
const ENDS: u8 = 0x80;

/// A message in pieces with these payloads; `begins` is its first byte.
pub(crate) fn pieces(begins: u8, payloads: &[&[u8]]) -> Vec<u8> {
    let last = payloads.len() - 1;
    let opcode = |at: usize| if at == 0 { begins } else { CONTINUES };
    let fin = |at: usize| if at == last { ENDS } else { 0 };
    let frames = payloads.iter().enumerate();
    frames
        .flat_map(|(at, payload)| frame(fin(at) | opcode(at), payload))
        .collect()
}

#[rustfmt::skip]
fn whole() -> Vec<Row> {
    let crab = "🦀".as_bytes();
    let between = [frame(TEXT_BEGINS, b"a"), ping(b"p"), frame(ENDS, b"b")].concat();
    let pong = [frame(TEXT_BEGINS, b"a"), frame(PONG, b"p"), frame(ENDS, b"b")].concat();
    vec![
        echoed("one piece that ends", pieces(TEXT_BEGINS, &[b"hi"]), TEXT, b"hi"),
        echoed("two pieces", pieces(TEXT_BEGINS, &[b"h", b"i"]), TEXT, b"hi"),
        echoed("three pieces", pieces(BINARY_BEGINS, &[b"a", b"b", b"c"]), BINARY, b"abc"),
        echoed("an empty first piece", pieces(TEXT_BEGINS, &[b"", b"hi"]), TEXT, b"hi"),
        echoed("an empty piece in the middle", pieces(TEXT_BEGINS, &[b"h", b"", b"i"]), TEXT, b"hi"),
        echoed("an empty last piece", pieces(TEXT_BEGINS, &[b"hi", b""]), TEXT, b"hi"),
        echoed("nothing but empty pieces", pieces(TEXT_BEGINS, &[b"", b"", b""]), TEXT, b""),
        echoed("a character in two pieces", pieces(TEXT_BEGINS, &[&crab[..2], &crab[2..]]), TEXT, crab),
        echoed("a character in four pieces", pieces(TEXT_BEGINS, &[&crab[..1], &crab[1..2], &crab[2..3], &crab[3..]]), TEXT, crab),
        echoed("a pong between pieces", pong, TEXT, b"ab"),
        echoed("as many pieces as there may be", pieces(BINARY_BEGINS, &[&b"x"[..]; FRAGMENTS]), BINARY, &[b'x'; FRAGMENTS]),
        echoed("as many empty pieces as there may be", pieces(BINARY_BEGINS, &[&b""[..]; FRAGMENTS]), BINARY, b""),
        echoed("a ping between pieces", between, PONG, b"p").after(TEXT, b"ab"),
    ]
}

#[rustfmt::skip]
fn broken() -> Vec<Row> {
    let largest = vec![7; MESSAGE_BYTES];
    vec![
        closed("a piece too many", pieces(BINARY_BEGINS, &[&b"x"[..]; FRAGMENTS + 1]), 1008),
        closed("an empty piece too many", pieces(BINARY_BEGINS, &[&b""[..]; FRAGMENTS + 1]), 1008),
        closed("pieces over the limit", pieces(BINARY_BEGINS, &[&largest, b"x"]), 1009),
        closed("pieces over the limit, in text", pieces(TEXT_BEGINS, &[b"x", &vec![b'x'; MESSAGE_BYTES]]), 1009),
        closed("the longest piece", [frame(TEXT_BEGINS, b"a"), declared(ENDS, (1 << 63) - 1, b"")].concat(), 1009),
        closed("a continuation of nothing", frame(ENDS, b"x"), 1002),
        closed("a continuation of nothing that goes on", frame(CONTINUES, b"x"), 1002),
        closed("a continuation of what has ended", [text("a"), frame(ENDS, b"x")].concat(), 1002).after(TEXT, b"a"),
        closed("a text inside a text", [frame(TEXT_BEGINS, b"a"), text("b")].concat(), 1002),
        closed("a binary inside a text", [frame(TEXT_BEGINS, b"a"), binary(b"b")].concat(), 1002),
        closed("a text inside a binary", [frame(BINARY_BEGINS, b"a"), text("b")].concat(), 1002),
        closed("a beginning inside a binary", [frame(BINARY_BEGINS, b"a"), frame(TEXT_BEGINS, b"b")].concat(), 1002),
        closed("a ping in pieces inside a text", [frame(TEXT_BEGINS, b"a"), frame(0x09, b"")].concat(), 1002),
    ]
}

#[tokio::test]
async fn messages_in_pieces_are_put_together_or_refused() {
    let server = Server::start();
    for path in ["/echo", "/function"] {
        let played = play(&server, path, &whole()).await + play(&server, path, &broken()).await;
        println!("{played} rows of fragments on {path}");
    }
    server.empty().await;
}
