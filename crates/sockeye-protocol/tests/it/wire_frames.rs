//! Frames a server reads: each row is what a client sends and what comes of it.

use sockeye_protocol::ProtocolError;

use crate::peer::{Seen, binary, check, client, deflating_server, ping, refused, see, text};
use crate::raw::{BINARY, CLOSE, FIN, PING, PONG, RSV1, TEXT, declared, masked, unmasked};

#[test]
fn whole_frames_arrive() {
    let long = "x".repeat(65_536);
    let bytes: Vec<u8> = (0..=255).collect();
    check(vec![
        ("empty text", masked(FIN | TEXT, b""), vec![text("")]),
        ("empty binary", masked(FIN | BINARY, b""), vec![binary(b"")]),
        ("text", masked(FIN | TEXT, b"hello"), vec![text("hello")]),
        (
            "text of several bytes a character",
            masked(FIN | TEXT, "κ😀".as_bytes()),
            vec![text("κ😀")],
        ),
        (
            "text with a zero",
            masked(FIN | TEXT, b"\0"),
            vec![text("\0")],
        ),
        (
            "every byte value",
            masked(FIN | BINARY, &bytes),
            vec![binary(&bytes)],
        ),
        (
            "largest 7-bit length",
            masked(FIN | TEXT, &long.as_bytes()[..125]),
            vec![text(&long[..125])],
        ),
        (
            "smallest 16-bit length",
            masked(FIN | TEXT, &long.as_bytes()[..126]),
            vec![text(&long[..126])],
        ),
        (
            "largest 16-bit length",
            masked(FIN | TEXT, &long.as_bytes()[..65_535]),
            vec![text(&long[..65_535])],
        ),
        (
            "smallest 64-bit length",
            masked(FIN | TEXT, long.as_bytes()),
            vec![text(&long)],
        ),
    ]);
}

#[test]
fn whole_control_frames_arrive() {
    let bytes: Vec<u8> = (0..=255).collect();
    check(vec![
        ("empty ping", masked(PING, b""), vec![ping(b"")]),
        (
            "longest ping",
            masked(PING, &bytes[..125]),
            vec![ping(&bytes[..125])],
        ),
        (
            "pong nobody asked for",
            masked(PONG, b"alive"),
            vec![Seen::Pong(b"alive".to_vec())],
        ),
    ]);
}

#[test]
fn reads_hold_any_number_of_frames() {
    check(vec![
        (
            "two in one read",
            [masked(FIN | TEXT, b"a"), masked(FIN | BINARY, b"b")].concat(),
            vec![text("a"), binary(b"b")],
        ),
        (
            "a thousand in one read",
            masked(FIN | TEXT, b"a").repeat(1000),
            vec![text("a"); 1000],
        ),
        ("nothing", Vec::new(), vec![]),
        (
            "half a header",
            masked(FIN | TEXT, b"a")[..1].to_vec(),
            vec![],
        ),
        (
            "half a mask",
            masked(FIN | TEXT, b"a")[..4].to_vec(),
            vec![],
        ),
        (
            "half a payload",
            masked(FIN | TEXT, b"ab")[..7].to_vec(),
            vec![],
        ),
        (
            "one and a half",
            [masked(FIN | TEXT, b"a"), declared(FIN | TEXT, 9)].concat(),
            vec![text("a")],
        ),
    ]);
}

#[test]
fn frames_without_a_mask_are_refused() {
    let unmasked_frame = || refused(ProtocolError::UnmaskedFrame);
    check(vec![
        ("text", unmasked(FIN | TEXT, b"a"), unmasked_frame()),
        ("empty text", unmasked(FIN | TEXT, b""), unmasked_frame()),
        ("ping", unmasked(PING, b""), unmasked_frame()),
        ("close", unmasked(CLOSE, b""), unmasked_frame()),
    ]);
}

#[test]
fn reserved_bits_are_refused() {
    let reserved = |bits| refused(ProtocolError::ReservedBits { bits });
    check(vec![
        (
            "RSV1 without extension",
            masked(FIN | RSV1 | TEXT, b"a"),
            reserved(0b100),
        ),
        ("RSV2", masked(FIN | 0x20 | TEXT, b"a"), reserved(0b010)),
        ("RSV3", masked(FIN | 0x10 | TEXT, b"a"), reserved(0b001)),
        ("all reserved bits", masked(0xf1, b"a"), reserved(0b111)),
        ("RSV1 on a ping", masked(RSV1 | PING, b""), reserved(0b100)),
        ("RSV2 on a pong", masked(0x20 | PONG, b""), reserved(0b010)),
    ]);
}

#[test]
fn reserved_opcodes_are_refused() {
    for opcode in (3..8).chain(11..16) {
        let expected = || refused(ProtocolError::ReservedOpcode { opcode });
        check(vec![
            ("final", masked(FIN | opcode, b"a"), expected()),
            ("without FIN", masked(opcode, b""), expected()),
        ]);
    }
}

#[test]
fn long_and_fragmented_control_frames_are_refused() {
    let too_long = || refused(ProtocolError::ControlTooLong);
    let in_pieces = || refused(ProtocolError::ControlFragmented);
    check(vec![
        ("ping of 126", declared(PING, 126), too_long()),
        ("pong of 65,536", declared(PONG, 65_536), too_long()),
        ("close of 126", declared(CLOSE, 126), too_long()),
        ("ping without FIN", masked(9, b""), in_pieces()),
        ("pong without FIN", masked(10, b""), in_pieces()),
        ("close without FIN", masked(8, b""), in_pieces()),
    ]);
}

#[test]
fn lengths_in_the_wrong_form_are_refused() {
    let minimal = |length| refused(ProtocolError::NonMinimalLength { length });
    let top_bit = || refused(ProtocolError::LengthTopBit);
    let long = |length: u64| [&[FIN | TEXT, 0xff], &length.to_be_bytes()[..], &[0; 4]].concat();
    check(vec![
        (
            "0 in 16 bits",
            vec![FIN | TEXT, 0xfe, 0, 0, 0, 0, 0, 0],
            minimal(0),
        ),
        (
            "125 in 16 bits",
            vec![FIN | BINARY, 0xfe, 0, 125],
            minimal(125),
        ),
        ("0 in 64 bits", long(0), minimal(0)),
        ("126 in 64 bits", long(126), minimal(126)),
        ("65,535 in 64 bits", long(65_535), minimal(65_535)),
        ("2^63", declared(FIN | BINARY, 1 << 63), top_bit()),
        ("2^64 - 1", declared(FIN | BINARY, u64::MAX), top_bit()),
    ]);
}

#[test]
fn a_client_refuses_masked_frames_and_reads_unmasked_ones() {
    let frames = [
        unmasked(TEXT, b"a"),
        unmasked(PING, b""),
        unmasked(FIN, b"b"),
    ]
    .concat();
    assert_eq!(see(client(), [&frames[..]]), [ping(b""), text("ab")]);
    let masked = masked(FIN | TEXT, b"a");
    assert_eq!(
        see(client(), [&masked[..]]),
        refused(ProtocolError::MaskedFrame)
    );
}

#[test]
fn the_compressed_bit_belongs_to_the_first_frame_of_a_message() {
    let reserved = || refused(ProtocolError::ReservedBits { bits: 0b100 });
    // RFC 7692 7.2.3.1: "Hello" in one block.
    let hello = b"\xf2\x48\xcd\xc9\xc9\x07\x00";
    let rows = [
        (
            "whole",
            masked(FIN | RSV1 | TEXT, hello),
            vec![text("Hello")],
        ),
        (
            "fragmented",
            [masked(RSV1 | TEXT, &hello[..3]), masked(FIN, &hello[3..])].concat(),
            vec![text("Hello")],
        ),
        (
            "plain between",
            [masked(FIN | TEXT, b"a"), masked(FIN | RSV1 | BINARY, hello)].concat(),
            vec![text("a"), binary(b"Hello")],
        ),
        (
            "on a continuation",
            [
                masked(RSV1 | TEXT, &hello[..3]),
                masked(FIN | RSV1, &hello[3..]),
            ]
            .concat(),
            reserved(),
        ),
        (
            "on a plain message's continuation",
            [masked(TEXT, b"a"), masked(FIN | RSV1, b"")].concat(),
            reserved(),
        ),
        ("on a ping", masked(RSV1 | PING, b""), reserved()),
        ("on a close", masked(RSV1 | FIN | 8, b""), reserved()),
    ];
    for (name, bytes, expected) in rows {
        let seen = see(deflating_server(), [&bytes[..]]);
        assert_eq!(seen, expected, "{name}");
    }
}
