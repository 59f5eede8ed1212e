//! Where reads end must not matter: every script is cut at every offset.

use crate::peer::{Seen, deflating_server, see};
use crate::raw::{
    BINARY, CLOSE, FIN, PING, RSV1, TEXT, close, declared, fragmented, masked, unmasked,
};

fn check(name: &str, bytes: &[u8]) -> Vec<Seen> {
    let endpoint = deflating_server;
    let whole = see(endpoint(), [bytes]);
    for cut in 0..=bytes.len() {
        let (head, tail) = bytes.split_at(cut);
        assert_eq!(see(endpoint(), [head, tail]), whole, "{name} cut at {cut}");
    }
    for size in 1..=17 {
        assert_eq!(
            see(endpoint(), bytes.chunks(size)),
            whole,
            "{name} in reads of {size}"
        );
    }
    whole
}

#[test]
fn valid_scripts_read_the_same_wherever_they_are_cut() {
    let deflated = b"\xf2\x48\xcd\xc9\xc9\x07\x00";
    let scripts = [
        ("text", masked(FIN | TEXT, "κόσμε 😀".as_bytes()), 1),
        ("16-bit length", masked(FIN | BINARY, &[7; 300]), 1),
        (
            "fragments",
            fragmented(TEXT, &["κό".as_bytes(), b"", "σμε".as_bytes()]),
            1,
        ),
        (
            "a character over fragments",
            fragmented(TEXT, &[b"\xf0\x9f", b"", b"\x98", b"\x80"]),
            1,
        ),
        (
            "controls between",
            [masked(TEXT, b"a"), masked(PING, b"ping"), masked(FIN, b"b")].concat(),
            2,
        ),
        ("compressed", masked(FIN | RSV1 | TEXT, deflated), 1),
        (
            "compressed fragments",
            [
                masked(RSV1 | TEXT, &deflated[..4]),
                masked(FIN, &deflated[4..]),
            ]
            .concat(),
            1,
        ),
        (
            "everything",
            [
                masked(FIN | TEXT, b"a"),
                masked(PING, b""),
                fragmented(BINARY, &[b"b", b""]),
                masked(FIN | RSV1 | TEXT, deflated),
                masked(CLOSE, &close(1000, b"bye")),
                masked(FIN | TEXT, b"late"),
            ]
            .concat(),
            5,
        ),
    ];
    for (name, bytes, events) in scripts {
        let seen = check(name, &bytes);
        assert_eq!(seen.len(), events, "{name}: {seen:?}");
        assert!(
            !seen.iter().any(|one| matches!(one, Seen::Refused(_))),
            "{name}: {seen:?}"
        );
    }
}

#[test]
fn a_64_bit_length_reads_the_same_wherever_its_header_is_cut() {
    let bytes = masked(FIN | BINARY, &[7; 65_536]);
    let endpoint = deflating_server;
    let whole = see(endpoint(), [&bytes[..]]);
    assert_eq!(whole, [Seen::Binary(vec![7; 65_536])]);
    for cut in (0..20).chain(bytes.len() - 3..bytes.len()) {
        assert_eq!(
            see(endpoint(), [&bytes[..cut], &bytes[cut..]]),
            whole,
            "cut at {cut}"
        );
    }
    assert_eq!(see(endpoint(), bytes.chunks(1000)), whole);
}

#[test]
fn broken_scripts_are_refused_the_same_wherever_they_are_cut() {
    let before = masked(FIN | TEXT, b"fine");
    let broken = [
        ("unmasked", unmasked(FIN | TEXT, b"abc")),
        ("reserved bits", masked(FIN | 0x20 | TEXT, b"abc")),
        ("reserved opcode", masked(FIN | 3, b"abc")),
        ("long control", declared(PING, 126)),
        ("fragmented control", masked(9, b"")),
        ("non-minimal length", b"\x81\xfe\x00\x05".to_vec()),
        ("top bit", declared(FIN | BINARY, u64::MAX)),
        ("continuation", masked(FIN, b"abc")),
        (
            "interleaved",
            [masked(TEXT, b"a"), masked(FIN | TEXT, b"b")].concat(),
        ),
        ("too large", declared(FIN | BINARY, 1 << 40)),
        ("not UTF-8", masked(FIN | TEXT, b"abc\xff")),
        (
            "not UTF-8 in a fragment",
            fragmented(TEXT, &[b"\xce", b"\xff"]),
        ),
        ("cut character", fragmented(TEXT, &[b"\xce", b""])),
        ("close of one byte", masked(CLOSE, b"a")),
        ("close code", masked(CLOSE, &close(1005, b""))),
        ("close reason", masked(CLOSE, &close(1000, b"\xff"))),
        ("not DEFLATE", masked(FIN | RSV1 | TEXT, b"\xff\xff\xff")),
    ];
    for (name, broken) in broken {
        let seen = check(name, &[&before[..], &broken, &before].concat());
        let [Seen::Text(_), Seen::Refused(_)] = seen[..] else {
            panic!("{name}: {seen:?}")
        };
    }
}
