//! Encodings: text that is not UTF-8 fails as soon as that is certain (RFC 6455 8.1).

use crate::frames::{TEXT, declared, frame};
use crate::harness::Server;
use crate::wire::fragments::{TEXT_BEGINS, pieces};
use crate::wire::rows::{Row, closed, play};

/// What is not UTF-8 (Unicode 3.9, table 3-7), each the whole of a text.
const NOT_UTF8: &[&[u8]] = &[
    &[0x80],
    &[0xbf],
    &[0xc0, 0x80],
    &[0xc1, 0xbf],
    &[0xc2],
    &[0xc2, 0x41],
    &[0xe0, 0x80, 0xaf],
    &[0xe0, 0x9f, 0xbf],
    &[0xe2, 0x82],
    &[0xed, 0xa0, 0x80],
    &[0xed, 0xbf, 0xbf],
    &[0xf0, 0x80, 0x80, 0xaf],
    &[0xf0, 0x8f, 0xbf, 0xbf],
    &[0xf0, 0x9f, 0xa6],
    &[0xf4, 0x90, 0x80, 0x80],
    &[0xf5, 0x80, 0x80, 0x80],
    &[0xf8, 0x88, 0x80, 0x80, 0x80],
    &[0xfe],
    &[0xff],
    &[b'a', 0xff, b'b'],
];

#[rustfmt::skip]
fn early() -> Vec<Row> {
    vec![
        closed("a wrong byte before the end of its frame", declared(TEXT, 1000, &[b'a', 0xff]), 1007),
        closed("a wrong byte before the end of its message", frame(TEXT_BEGINS, &[0xff]), 1007),
        closed("a surrogate before its third byte", declared(TEXT, 1000, &[0xed, 0xa0]), 1007),
        closed("beyond the last code point, before its third byte", declared(TEXT, 1000, &[0xf4, 0x90]), 1007),
        closed("a character that the next piece breaks", pieces(TEXT_BEGINS, &[&[0xc3], b"a"]), 1007),
        closed("a character that never ends", pieces(TEXT_BEGINS, &[&[0xf0, 0x9f], b""]), 1007),
        closed("a surrogate in two pieces", pieces(TEXT_BEGINS, &[&[0xed], &[0xa0, 0x80]]), 1007),
    ]
}

fn wrong() -> Vec<Row> {
    let both = |bytes: &&[u8]| {
        [
            closed("text that is not UTF-8", frame(TEXT, bytes), 1007),
            closed(
                "pieces that are not UTF-8",
                pieces(TEXT_BEGINS, &[b"a", bytes]),
                1007,
            ),
        ]
    };
    NOT_UTF8.iter().flat_map(both).collect()
}

#[tokio::test]
async fn text_that_is_not_utf8_closes_1007_as_soon_as_that_is_certain() {
    let server = Server::start();
    for path in ["/echo", "/function"] {
        let played = play(&server, path, &early()).await + play(&server, path, &wrong()).await;
        println!("{played} rows of encodings on {path}");
    }
    server.empty().await;
}
