//! Messages a server reads: how frames become them, and which never do.

use sockeye_protocol::ProtocolError;

use crate::peer::{Seen, binary, check, ping, refused, text};
use crate::raw::{BINARY, CONTINUATION, FIN, PING, PONG, TEXT, declared, fragmented, masked};

#[test]
fn fragments_become_messages() {
    check(vec![
        (
            "two",
            fragmented(TEXT, &[b"he", b"llo"]),
            vec![text("hello")],
        ),
        (
            "three of binary",
            fragmented(BINARY, &[b"a", b"b", b"c"]),
            vec![binary(b"abc")],
        ),
        (
            "all empty",
            fragmented(TEXT, &[b"", b"", b""]),
            vec![text("")],
        ),
        (
            "empty first",
            fragmented(BINARY, &[b"", b"x"]),
            vec![binary(b"x")],
        ),
        (
            "empty last",
            fragmented(TEXT, &[b"x", b""]),
            vec![text("x")],
        ),
        (
            "empty middle",
            fragmented(TEXT, &[b"x", b"", b"y"]),
            vec![text("xy")],
        ),
        (
            "a character over two",
            fragmented(TEXT, &[b"\xf0\x9f", b"\x98\x80"]),
            vec![text("😀")],
        ),
        (
            "a character over four",
            fragmented(TEXT, &[b"\xf0", b"\x9f", b"\x98", b"\x80"]),
            vec![text("😀")],
        ),
        (
            "a character around an empty one",
            fragmented(TEXT, &[b"\xce", b"", b"\xba"]),
            vec![text("κ")],
        ),
    ]);
}

#[test]
fn control_frames_may_come_between_fragments() {
    let interleaved = |first: u8| {
        [
            masked(first, b"a"),
            masked(PING, b"p"),
            masked(PONG, b""),
            masked(FIN, b"b"),
        ]
        .concat()
    };
    check(vec![
        (
            "controls between",
            interleaved(TEXT),
            vec![ping(b"p"), Seen::Pong(vec![]), text("ab")],
        ),
        (
            "controls between binary",
            interleaved(BINARY),
            vec![ping(b"p"), Seen::Pong(vec![]), binary(b"ab")],
        ),
        (
            "a message after",
            [fragmented(TEXT, &[b"a", b"b"]), masked(FIN | TEXT, b"c")].concat(),
            vec![text("ab"), text("c")],
        ),
        (
            "two in a row",
            fragmented(TEXT, &[b"a", b"b"]).repeat(2),
            vec![text("ab"), text("ab")],
        ),
        ("unfinished", masked(TEXT, b"a"), vec![]),
        (
            "unfinished with a ping",
            [masked(TEXT, b"a"), masked(PING, b"")].concat(),
            vec![ping(b"")],
        ),
        (
            "bytes that are not UTF-8, as binary",
            fragmented(BINARY, &[b"\xff", b"\xfe"]),
            vec![binary(b"\xff\xfe")],
        ),
    ]);
}

#[test]
fn frames_out_of_order_are_refused() {
    let unexpected = || refused(ProtocolError::UnexpectedContinuation);
    let unfinished = || refused(ProtocolError::UnfinishedMessage);
    let then = |frames: &[Vec<u8>]| frames.concat();
    check(vec![
        (
            "continuation first",
            masked(CONTINUATION, b"a"),
            unexpected(),
        ),
        ("final continuation first", masked(FIN, b"a"), unexpected()),
        (
            "continuation after a message",
            then(&[masked(FIN | TEXT, b"a"), masked(FIN, b"")]),
            [vec![text("a")], unexpected()].concat(),
        ),
        (
            "continuation after the last",
            then(&[fragmented(TEXT, &[b"a", b"b"]), masked(FIN, b"")]),
            [vec![text("ab")], unexpected()].concat(),
        ),
        (
            "continuation after a ping",
            then(&[masked(PING, b""), masked(FIN, b"")]),
            [vec![ping(b"")], unexpected()].concat(),
        ),
        (
            "text inside text",
            then(&[masked(TEXT, b"a"), masked(FIN | TEXT, b"b")]),
            unfinished(),
        ),
        (
            "binary inside text",
            then(&[masked(TEXT, b"a"), masked(FIN | BINARY, b"b")]),
            unfinished(),
        ),
        (
            "unfinished text inside binary",
            then(&[masked(BINARY, b"a"), masked(TEXT, b"b")]),
            unfinished(),
        ),
        (
            "text inside after a ping",
            then(&[masked(TEXT, b"a"), masked(PING, b""), masked(TEXT, b"b")]),
            [vec![ping(b"")], unfinished()].concat(),
        ),
        (
            "what follows an error is ignored",
            then(&[masked(FIN, b""), masked(FIN | TEXT, b"a")]),
            unexpected(),
        ),
    ]);
}

#[test]
fn text_that_is_not_utf8_is_refused() {
    let invalid = || refused(ProtocolError::InvalidUtf8);
    check(vec![
        (
            "lone continuation byte",
            masked(FIN | TEXT, b"\x80"),
            invalid(),
        ),
        ("overlong slash", masked(FIN | TEXT, b"\xc0\xaf"), invalid()),
        (
            "overlong of three",
            masked(FIN | TEXT, b"\xe0\x80\xaf"),
            invalid(),
        ),
        ("surrogate", masked(FIN | TEXT, b"\xed\xa0\x80"), invalid()),
        (
            "above U+10FFFF",
            masked(FIN | TEXT, b"\xf4\x90\x80\x80"),
            invalid(),
        ),
        ("0xff", masked(FIN | TEXT, b"a\xff"), invalid()),
        (
            "cut character",
            masked(FIN | TEXT, b"\xf0\x9f\x98"),
            invalid(),
        ),
        (
            "cut by the end of fragments",
            fragmented(TEXT, &[b"\xf0\x9f", b"\x98"]),
            invalid(),
        ),
        (
            "in the first fragment, the rest awaited",
            masked(TEXT, b"\xff"),
            invalid(),
        ),
        (
            "inside a frame, the rest awaited",
            [declared(TEXT, 9), vec![0x37 ^ 0xff]].concat(),
            invalid(),
        ),
        (
            "a character cut by another",
            fragmented(TEXT, &[b"\xce", b"\xce\xba"]),
            invalid(),
        ),
    ]);
}
