//! Closes: codes, reasons, and what may come around a close frame (RFC 6455 5.5.1, 7.4).

use crate::frames::{CLOSE, PONG, TEXT, close, declared, frame, ping, text};
use crate::harness::Server;
use crate::wire::rows::{Row, closed, play};

#[rustfmt::skip]
const VALID: [u16; 18] = [
    1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3001, 3999, 4000, 4001, 4999,
];

#[rustfmt::skip]
const INVALID: [u16; 22] = [
    0, 1, 100, 200, 999, 1004, 1005, 1006, 1015, 1016, 1017, 1099, 1100, 1999, 2000, 2999, 5000, 5001, 10_000, 32_768,
    65_534, 65_535,
];

fn codes() -> Vec<Row> {
    let valid = VALID.iter().flat_map(|code| {
        [
            closed("a valid code", close(*code, ""), *code),
            closed("a valid code with a reason", close(*code, "bye ☕"), *code),
        ]
    });
    let invalid = INVALID.iter().flat_map(|code| {
        [
            closed("an invalid code", close(*code, ""), 1002),
            closed("an invalid code with a reason", close(*code, "bye"), 1002),
        ]
    });
    valid.chain(invalid).collect()
}

#[rustfmt::skip]
fn payloads() -> Vec<Row> {
    let reason = |reason: &[u8]| frame(CLOSE, &[&[3, 232], reason].concat());
    vec![
        closed("no payload", frame(CLOSE, b""), None),
        closed("half a code", frame(CLOSE, &[3]), 1002),
        closed("half a code that is no text", frame(CLOSE, &[0xff]), 1002),
        closed("the longest reason", close(1000, &"x".repeat(123)), 1000),
        closed("a reason too long", close(1000, &"x".repeat(124)), 1002),
        closed("a reason with a NUL", reason(&[0]), 1000),
        closed("a reason that is not UTF-8", reason(&[0xff]), 1007),
        closed("a reason with an overlong character", reason(&[0xc0, 0x80]), 1007),
        closed("a reason with a surrogate", reason(&[0xed, 0xa0, 0x80]), 1007),
        closed("a reason that stops inside a character", reason(&[0xc3]), 1007),
    ]
}

#[rustfmt::skip]
fn surroundings() -> Vec<Row> {
    let bye = close(1000, "");
    let then = |after: Vec<u8>| [bye.clone(), after].concat();
    let first = |before: Vec<u8>| [before, bye.clone()].concat();
    vec![
        closed("a text after the close", then(text("hi")), 1000),
        closed("a ping after the close", then(ping(b"")), 1000),
        closed("a second close", then(close(1001, "")), 1000),
        closed("a wrong frame after the close", then(vec![0xff; 20]), 1000),
        closed("a long frame after the close", then(declared(TEXT, 1 << 31, &[7; 200])), 1000),
        closed("a close inside a message", first(frame(0x01, b"a")), 1000),
        closed("a close after an unfinished character", first(frame(0x01, &[0xc3])), 1000),
        closed("a close right after a pong", first(frame(PONG, b"p")), 1000),
        closed("a close right after a text", first(text("hi")), 1000).after(TEXT, b"hi"),
        closed("a close right after a ping", first(ping(b"p")), 1000).after(PONG, b"p"),
        closed("a close right after two texts", first([text("1"), text("2")].concat()), 1000).after(TEXT, b"1").after(TEXT, b"2"),
    ]
}

#[tokio::test]
async fn close_frames_are_answered_by_every_rule_for_them() {
    let server = Server::start();
    for path in ["/echo", "/function"] {
        let played = play(&server, path, &codes()).await + play(&server, path, &payloads()).await;
        println!("{played} rows of closes on {path}");
    }
    // A function handler hears of the close while the text before it still waits to be asked for.
    println!(
        "{} rows around closes",
        play(&server, "/echo", &surroundings()).await
    );
    server.empty().await;
}
