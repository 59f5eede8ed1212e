//! What a peer may not make an endpoint hold.

use sockeye_protocol::{Limits, ProtocolError, Workspace};

use crate::peer::{Row, Seen, binary, feed, feed_within, see, see_within, server, text};
use crate::raw::{BINARY, CONTINUATION, FIN, PING, TEXT, declared, fragmented, masked};

const SMALL: Limits = Limits {
    message_bytes: 10,
    frame_bytes: 8,
    fragments: 4,
};

fn frame_too_large(length: u64) -> Seen {
    Seen::Refused(ProtocolError::FrameTooLarge { length, limit: 8 })
}

fn message_too_large() -> Seen {
    Seen::Refused(ProtocolError::MessageTooLarge { limit: 10 })
}

fn too_many() -> Seen {
    Seen::Refused(ProtocolError::TooManyFragments { limit: 4 })
}

fn check(rows: Vec<Row>) {
    for (name, bytes, expected) in rows {
        assert_eq!(
            see_within(&SMALL, server(), [&bytes[..]]),
            expected,
            "{name}"
        );
        assert_eq!(
            see_within(&SMALL, server(), bytes.chunks(1)),
            expected,
            "{name}, byte by byte"
        );
    }
}

#[test]
fn a_frame_may_have_as_many_bytes_as_the_limit_and_no_more() {
    let in_message = [masked(TEXT, b""), declared(FIN, 9)].concat();
    check(vec![
        (
            "at the limit",
            masked(FIN | BINARY, &[7; 8]),
            vec![binary(&[7; 8])],
        ),
        (
            "above",
            masked(FIN | BINARY, &[7; 9]),
            vec![frame_too_large(9)],
        ),
        (
            "above, header only",
            declared(FIN | BINARY, 9),
            vec![frame_too_large(9)],
        ),
        (
            "first fragment above",
            declared(TEXT, 9),
            vec![frame_too_large(9)],
        ),
        ("continuation above", in_message, vec![frame_too_large(9)]),
        (
            "a control frame",
            masked(PING, &[1; 125]),
            vec![Seen::Ping(vec![1; 125])],
        ),
    ]);
}

#[test]
fn a_message_may_have_as_many_bytes_as_the_limit_and_no_more() {
    let by_header = [masked(TEXT, b"12345678"), declared(FIN, 3)].concat();
    let in_three = fragmented(BINARY, &[b"1234", b"5678", b"901"]);
    check(vec![
        (
            "at the limit",
            fragmented(TEXT, &[b"12345678", b"90"]),
            vec![text("1234567890")],
        ),
        (
            "above",
            fragmented(TEXT, &[b"12345678", b"901"]),
            vec![message_too_large()],
        ),
        ("above, header only", by_header, vec![message_too_large()]),
        (
            "above in its third frame",
            in_three,
            vec![message_too_large()],
        ),
    ]);
}

#[test]
fn a_message_may_have_as_many_frames_as_the_limit_and_no_more() {
    let four = fragmented(TEXT, &[b"", b"", b"", b"x"]);
    let first = masked(TEXT, b"");
    let next = masked(CONTINUATION, b"");
    let by_header = [first.clone(), next.repeat(3), declared(FIN, 1)].concat();
    let pings = [
        first.clone(),
        masked(PING, b"").repeat(9),
        masked(FIN, b"x"),
    ]
    .concat();
    check(vec![
        (
            "at the limit, empty ones too",
            four.clone(),
            vec![text("x")],
        ),
        ("above", [first, next.repeat(4)].concat(), vec![too_many()]),
        ("above, header only", by_header, vec![too_many()]),
        ("anew with each message", four.repeat(3), vec![text("x"); 3]),
        (
            "controls are none",
            pings,
            [vec![Seen::Ping(vec![]); 9], vec![text("x")]].concat(),
        ),
    ]);
}

#[test]
fn hopeless_lengths_are_refused_by_their_header_alone() {
    let limit = Limits::default().frame_bytes as u64;
    for length in [limit + 1, 1 << 31, 1 << 32, (1 << 63) - 1] {
        let error = ProtocolError::FrameTooLarge {
            length,
            limit: limit as usize,
        };
        let header = declared(FIN | BINARY, length);
        assert_eq!(
            see(server(), [&header[..]]),
            [Seen::Refused(error)],
            "{length}"
        );
    }
}

#[test]
fn limits_can_be_raised_once_the_peer_is_known() {
    let (mut endpoint, mut workspace) = (server(), Workspace::default());
    let (strange, known) = (
        masked(FIN | TEXT, b"hello"),
        masked(FIN | BINARY, &[7; 100]),
    );
    let seen = feed_within(&SMALL, &mut endpoint, &mut workspace, &strange);
    assert_eq!(seen, [text("hello")]);
    assert_eq!(
        feed(&mut endpoint, &mut workspace, &known),
        [binary(&[7; 100])]
    );
    let seen = feed_within(&SMALL, &mut endpoint, &mut workspace, &known);
    assert_eq!(seen, [frame_too_large(100)]);
}

#[test]
fn an_incomplete_message_is_dropped_when_it_is_refused() {
    let mut endpoint = server();
    let bytes = [masked(TEXT, b"12345678"), declared(FIN, 3)].concat();
    let seen = feed_within(&SMALL, &mut endpoint, &mut Workspace::default(), &bytes);
    assert_eq!(seen, [message_too_large()]);
    assert!(!endpoint.is_mid_message());
}
