//! Defects found in other implementations, each as the input that shows it.

use sockeye_protocol::{Limits, ProtocolError};

use crate::peer::{Seen, binary, see, see_within, server, text};
use crate::raw::{
    BINARY, CLOSE, FIN, PING, PONG, TEXT, close, declared, fragmented, masked, unmasked,
};

fn refused(error: ProtocolError) -> [Seen; 1] {
    [Seen::Refused(error)]
}

#[test]
fn an_empty_last_fragment_does_not_hide_a_cut_character() {
    let cut = fragmented(TEXT, &[b"ab\xf0\x9f", b""]);
    assert_eq!(
        see(server(), [&cut[..]]),
        refused(ProtocolError::InvalidUtf8)
    );
}

#[test]
fn a_cut_character_does_not_leak_into_the_next_message() {
    let mut workspace = sockeye_protocol::Workspace::default();
    let cut = fragmented(TEXT, &[b"\xf0\x9f", b""]);
    crate::peer::feed(&mut server(), &mut workspace, &cut);
    let seen = crate::peer::feed(
        &mut server(),
        &mut workspace,
        &masked(FIN | TEXT, b"\x98\x80"),
    );
    assert_eq!(seen, refused(ProtocolError::InvalidUtf8));
}

#[test]
fn a_header_that_ends_with_the_read_is_not_lost() {
    let bytes = masked(FIN | TEXT, b"hello");
    for cut in 1..6 {
        assert_eq!(
            see(server(), [&bytes[..cut], &[], &bytes[cut..]]),
            [text("hello")],
            "at {cut}"
        );
    }
}

#[test]
fn fragments_are_limited_in_total() {
    let limits = Limits {
        message_bytes: 1000,
        ..Limits::default()
    };
    let pieces = [&[b'x'; 100][..]; 11];
    let seen = see_within(&limits, server(), [&fragmented(TEXT, &pieces)[..]]);
    assert_eq!(
        seen,
        refused(ProtocolError::MessageTooLarge { limit: 1000 })
    );
}

#[test]
fn a_last_fragment_that_ends_inside_a_character_is_not_cut_to_the_valid_part() {
    let cut = fragmented(TEXT, &[b"ab", b"cd\xf0\x9f\x98"]);
    assert_eq!(
        see(server(), [&cut[..]]),
        refused(ProtocolError::InvalidUtf8)
    );
}

#[test]
fn unmasked_client_frames_are_refused_with_and_without_payload() {
    for payload in [&b""[..], b"x", &[0; 200]] {
        let seen = see(server(), [&unmasked(FIN | TEXT, payload)[..]]);
        assert_eq!(seen, refused(ProtocolError::UnmaskedFrame));
    }
}

#[test]
fn an_unfinished_message_inside_another_is_refused() {
    let bytes = [masked(TEXT, b"a"), masked(BINARY, b"b"), masked(FIN, b"c")].concat();
    assert_eq!(
        see(server(), [&bytes[..]]),
        refused(ProtocolError::UnfinishedMessage)
    );
}

#[test]
fn every_kind_of_control_frame_is_held_to_125_bytes() {
    let longest = [1; 125];
    assert_eq!(
        see(server(), [&masked(PING, &longest)[..]]),
        [Seen::Ping(longest.to_vec())]
    );
    assert_eq!(
        see(server(), [&masked(PONG, &longest)[..]]),
        [Seen::Pong(longest.to_vec())]
    );
    let reason = "r".repeat(123);
    let seen = see(
        server(),
        [&masked(CLOSE, &close(1000, reason.as_bytes()))[..]],
    );
    assert_eq!(seen, [Seen::Close(Some((1000, reason)))]);
    for first in [PING, PONG, CLOSE] {
        let seen = see(server(), [&masked(first, &[1; 126])[..]]);
        assert_eq!(seen, refused(ProtocolError::ControlTooLong));
    }
}

#[test]
fn lengths_in_more_bytes_than_they_need_are_refused() {
    for length in [0_u64, 5, 125, 126, 65_535] {
        let header = [&[FIN | TEXT, 0xff], &length.to_be_bytes()[..], &[0; 4]].concat();
        let seen = see(server(), [&header[..]]);
        assert_eq!(seen, refused(ProtocolError::NonMinimalLength { length }));
    }
}

#[test]
fn an_oversize_frame_is_refused_before_its_payload() {
    let limit = Limits::default().frame_bytes;
    let length = limit as u64 + 1;
    let seen = see(server(), [&declared(FIN | BINARY, length)[..]]);
    assert_eq!(
        seen,
        refused(ProtocolError::FrameTooLarge { length, limit })
    );
}

#[test]
fn a_frame_at_the_limit_arrives() {
    let payload = vec![7; Limits::default().frame_bytes];
    assert_eq!(
        see(server(), [&masked(FIN | BINARY, &payload)[..]]),
        [binary(&payload)]
    );
}
