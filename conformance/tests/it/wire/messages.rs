//! Messages in one frame each, pings and pongs: what has to work.

use crate::frames::{BINARY, PONG, TEXT, binary, frame, ping, text};
use crate::harness::Server;
use crate::wire::rows::{Row, echoed, play};

/// The default limit.
const MESSAGE_BYTES: usize = 1 << 20;

#[rustfmt::skip]
fn rows() -> Vec<Row> {
    let largest = vec![7; MESSAGE_BYTES];
    vec![
        echoed("text", text("hi"), TEXT, b"hi"),
        echoed("empty text", text(""), TEXT, b""),
        echoed("binary", binary(&[0, 255, 128]), BINARY, &[0, 255, 128]),
        echoed("empty binary", binary(b""), BINARY, b""),
        echoed("text beyond ASCII", text("Zoë ☕ 🦀"), TEXT, "Zoë ☕ 🦀".as_bytes()),
        echoed("a NUL", text("\0"), TEXT, b"\0"),
        echoed("a byte order mark", text("\u{feff}x"), TEXT, "\u{feff}x".as_bytes()),
        echoed("the last code point", text("\u{10ffff}"), TEXT, "\u{10ffff}".as_bytes()),
        echoed("the code point below the surrogates", text("\u{d7ff}"), TEXT, "\u{d7ff}".as_bytes()),
        echoed("the code point above the surrogates", text("\u{e000}"), TEXT, "\u{e000}".as_bytes()),
        echoed("a code point that is no character", text("\u{ffff}"), TEXT, "\u{ffff}".as_bytes()),
        echoed("the shortest of two bytes", text("\u{80}"), TEXT, "\u{80}".as_bytes()),
        echoed("the shortest of three bytes", text("\u{800}"), TEXT, "\u{800}".as_bytes()),
        echoed("the shortest of four bytes", text("\u{10000}"), TEXT, "\u{10000}".as_bytes()),
        echoed("binary that would be no text", binary(&[0xff, 0xc0]), BINARY, &[0xff, 0xc0]),
        echoed("a pong nobody asked for", [frame(PONG, b"x"), text("hi")].concat(), TEXT, b"hi"),
        echoed("an empty pong", [frame(PONG, b""), text("hi")].concat(), TEXT, b"hi"),
        echoed("the longest pong", [frame(PONG, &[7; 125]), text("hi")].concat(), TEXT, b"hi"),
        echoed("a ping", ping(b"x"), PONG, b"x"),
        echoed("an empty ping", ping(b""), PONG, b""),
        echoed("a ping that is no text", ping(&[0xff, 0]), PONG, &[0xff, 0]),
        echoed("the longest ping", ping(&[7; 125]), PONG, &[7; 125]),
        echoed("a key of zeros", [&[0x81, 0x82, 0, 0, 0, 0], &b"hi"[..]].concat(), TEXT, b"hi"),
        echoed("the largest message", binary(&largest), BINARY, &largest),
        echoed("two messages", [text("1"), binary(b"2")].concat(), TEXT, b"1").after(BINARY, b"2"),
        echoed("two pings", [ping(b"1"), ping(b"2")].concat(), PONG, b"1").after(PONG, b"2"),
    ]
}

/// Text of each length at which the header changes its form, and beside it.
fn lengths() -> Vec<Row> {
    let long = "x".repeat(65_537);
    let lengths = [
        1, 2, 124, 125, 126, 127, 128, 255, 256, 65_534, 65_535, 65_536, 65_537,
    ];
    let row = |length: usize| {
        let some = &long[..length];
        echoed("a length at an edge", text(some), TEXT, some.as_bytes())
    };
    lengths.into_iter().map(row).collect()
}

#[tokio::test]
async fn whole_messages_and_pings_are_answered() {
    let server = Server::start();
    for path in ["/echo", "/function"] {
        let played = play(&server, path, &rows()).await + play(&server, path, &lengths()).await;
        println!("{played} rows of messages on {path}");
    }
    server.empty().await;
}
