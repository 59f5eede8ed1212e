//! What compression may cost, and what of DEFLATE must be understood (RFC 7692 7.2.3).

use sockeye_protocol::{
    Deflate, DeflateConfig, Endpoint, Limits, MessageKind, ProtocolError, Role, Workspace, frame,
};

use crate::peer::{
    Seen, agree, binary, deflating_server, feed, feed_within, see, see_within, text,
};
use crate::raw::{FIN, RSV1, TEXT, declared, masked};

const COMPRESSED_TEXT: u8 = FIN | RSV1 | TEXT;

fn takeover() -> DeflateConfig {
    DeflateConfig::default()
        .server_context_takeover(true)
        .client_context_takeover(true)
}

fn limited(message_bytes: usize) -> Limits {
    Limits {
        message_bytes,
        ..Limits::default()
    }
}

fn send(client: &mut Endpoint, workspace: &mut Workspace, payload: &[u8]) -> Vec<u8> {
    let mut wire = Vec::new();
    client
        .send(
            MessageKind::Binary,
            payload,
            &mut wire,
            &mut workspace.outbound,
        )
        .unwrap();
    wire
}

fn pair(config: &DeflateConfig) -> (Endpoint, Endpoint) {
    let (client, server): (Deflate, Deflate) = agree(config);
    let client = Endpoint::new(Role::Client, Some(client));
    (client, Endpoint::new(Role::Server, Some(server)))
}

/// Bytes that DEFLATE cannot shorten.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..length).map(|_| next()).collect()
}

#[test]
fn a_message_that_inflates_to_the_limit_passes_and_one_byte_more_does_not() {
    for config in [DeflateConfig::default(), takeover()] {
        for limit in [200, 4096, 4097, 100_000] {
            let (mut client, mut server) = pair(&config);
            let limits = limited(limit);
            let mut workspace = Workspace::default();
            let wire = send(&mut client, &mut workspace, &vec![0; limit]);
            assert!(wire.len() < limit, "not compressed");
            assert_eq!(
                feed_within(&limits, &mut server, &mut workspace, &wire),
                [binary(&vec![0; limit])]
            );
            let wire = send(&mut client, &mut workspace, &vec![0; limit + 1]);
            let error = ProtocolError::MessageTooLarge { limit };
            assert_eq!(
                feed_within(&limits, &mut server, &mut workspace, &wire),
                [Seen::Refused(error)]
            );
        }
    }
}

#[test]
fn a_message_at_the_limit_may_be_longer_while_it_is_compressed() {
    let limits = Limits {
        message_bytes: 8,
        frame_bytes: 8,
        ..Limits::default()
    };
    // RFC 7692 7.2.3.3: one block without compression, which is six bytes longer than what it holds.
    let stored = b"\x00\x08\x00\xf7\xff12345678\x00";
    let whole = masked(COMPRESSED_TEXT, stored);
    assert_eq!(
        see_within(&limits, deflating_server(), [&whole[..]]),
        [text("12345678")]
    );
    let pieces = [masked(RSV1 | TEXT, &stored[..7]), masked(FIN, &stored[7..])].concat();
    assert_eq!(
        see_within(&limits, deflating_server(), [&pieces[..]]),
        [text("12345678")]
    );
    let hopeless = declared(COMPRESSED_TEXT, 8 + 1 + 64 + 1);
    let error = ProtocolError::FrameTooLarge {
        length: 74,
        limit: 8,
    };
    assert_eq!(
        see_within(&limits, deflating_server(), [&hopeless[..]]),
        [Seen::Refused(error)]
    );
}

#[test]
fn ten_mebibytes_in_ten_kibibytes_are_refused() {
    let (mut client, mut server) = pair(&DeflateConfig::default());
    let mut workspace = Workspace::default();
    let wire = send(&mut client, &mut workspace, &vec![0; 10 << 20]);
    assert!(wire.len() < 16 << 10, "{}", wire.len());
    let error = ProtocolError::MessageTooLarge { limit: 1 << 20 };
    assert_eq!(
        feed(&mut server, &mut workspace, &wire),
        [Seen::Refused(error)]
    );
}

#[test]
fn a_hundred_messages_with_context_each_have_the_limit_anew() {
    let (mut client, mut server) = pair(&takeover());
    let limits = limited(5000);
    let mut workspace = Workspace::default();
    let payload = noise(2500).repeat(2);
    let first = send(&mut client, &mut workspace, &payload);
    assert_eq!(
        feed_within(&limits, &mut server, &mut workspace, &first),
        [binary(&payload)]
    );
    for round in 0..100 {
        let wire = send(&mut client, &mut workspace, &payload);
        assert!(
            wire.len() < first.len() / 10,
            "the context is not used: {}",
            wire.len()
        );
        assert_eq!(
            feed_within(&limits, &mut server, &mut workspace, &wire),
            [binary(&payload)],
            "round {round}"
        );
    }
    let wire = send(&mut client, &mut workspace, &[0; 5001]);
    let error = ProtocolError::MessageTooLarge { limit: 5000 };
    assert_eq!(
        feed_within(&limits, &mut server, &mut workspace, &wire),
        [Seen::Refused(error)]
    );
}

#[test]
fn the_examples_of_the_rfc_inflate() {
    let rows: [(&str, &[u8], &str); 8] = [
        ("one block", b"\xf2\x48\xcd\xc9\xc9\x07\x00", "Hello"),
        (
            "without compression",
            b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00",
            "Hello",
        ),
        ("a last block", b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00", "Hello"),
        (
            "a last block without the byte after it",
            b"\xf3\x48\xcd\xc9\xc9\x07\x00",
            "Hello",
        ),
        (
            "two blocks",
            b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00",
            "Hello",
        ),
        (
            "two last blocks",
            b"\xf3\x48\xcd\xc9\xc9\x07\x00\xf3\x48\xcd\xc9\xc9\x07\x00\x00",
            "HelloHello",
        ),
        ("nothing", b"\x00", ""),
        ("nothing at all", b"", ""),
    ];
    for (name, payload, expected) in rows {
        let bytes = masked(COMPRESSED_TEXT, payload);
        let seen = see(deflating_server(), [&bytes[..]]);
        assert_eq!(seen, [text(expected)], "{name}");
    }
}

#[test]
fn a_context_is_kept_only_where_it_was_agreed() {
    // RFC 7692 7.2.3.2: the second "Hello" refers to the first.
    let bytes = [
        masked(COMPRESSED_TEXT, b"\xf2\x48\xcd\xc9\xc9\x07\x00"),
        masked(COMPRESSED_TEXT, b"\xf2\x00\x11\x00\x00"),
    ]
    .concat();
    let (_, server) = pair(&takeover());
    assert_eq!(see(server, [&bytes[..]]), [text("Hello"), text("Hello")]);
    let seen = see(deflating_server(), [&bytes[..]]);
    assert_eq!(
        seen,
        [text("Hello"), Seen::Refused(ProtocolError::InvalidDeflate)]
    );
}

#[test]
fn broken_compression_is_refused() {
    let many_ends = [b"\x03\x00".repeat(65), vec![0]].concat();
    let rows: [(&str, &[u8]); 7] = [
        ("reserved block type", b"\x07"),
        (
            "stored block with a wrong length check",
            b"\x00\x05\x00\x00\x00Hello\x00",
        ),
        (
            "stored block that goes on after the message",
            b"\x00\x0a\x00\xf5\xff\x48\x65\x6c\x6c\x6f",
        ),
        ("cut inside a block", b"\xf2\x48\xcd\xc9"),
        ("distance before the beginning", b"\xf2\x00\x11\x00\x00"),
        ("noise", b"\xff\xff\xff\xff"),
        ("streams without end", &many_ends),
    ];
    for (name, payload) in rows {
        let bytes = masked(COMPRESSED_TEXT, payload);
        let seen = see(deflating_server(), [&bytes[..]]);
        assert_eq!(
            seen,
            [Seen::Refused(ProtocolError::InvalidDeflate)],
            "{name}"
        );
    }
}

#[test]
fn compressed_text_is_utf8_too() {
    // A stored block with the bytes ff fe.
    let bytes = masked(COMPRESSED_TEXT, b"\x00\x02\x00\xfd\xff\xff\xfe\x00");
    let seen = see(deflating_server(), [&bytes[..]]);
    assert_eq!(seen, [Seen::Refused(ProtocolError::InvalidUtf8)]);
}

#[test]
fn what_does_not_shrink_or_is_short_is_sent_plain() {
    for config in [DeflateConfig::default(), takeover()] {
        let (_, mut server) = pair(&config);
        let mut workspace = Workspace::default();
        let compressed = |wire: Vec<u8>| wire[0] & RSV1 != 0;
        assert!(!compressed(send(&mut server, &mut workspace, &noise(1000))));
        assert!(compressed(send(&mut server, &mut workspace, &[0; 4000])));
        let room_is_left = send(&mut server, &mut workspace, &noise(1000));
        assert!(!compressed(room_is_left));
        assert!(!compressed(send(&mut server, &mut workspace, &[0; 127])));
        assert!(compressed(send(&mut server, &mut workspace, &[0; 128])));
    }
}

#[test]
fn a_plain_message_in_between_does_not_spoil_the_context() {
    let (mut client, mut server) = pair(&takeover());
    let mut workspace = Workspace::default();
    let story = "the same story again and again, told to everyone who asks ".repeat(5);
    let payloads = [
        story.as_bytes(),
        &noise(700),
        story.as_bytes(),
        b"short",
        story.as_bytes(),
    ];
    for payload in payloads {
        let wire = send(&mut client, &mut workspace, payload);
        assert_eq!(feed(&mut server, &mut workspace, &wire), [binary(payload)]);
        let wire = send(&mut server, &mut workspace, payload);
        assert_eq!(feed(&mut client, &mut workspace, &wire), [binary(payload)]);
    }
}

#[test]
fn a_shared_frame_reads_as_the_message_for_each_peer_that_takes_it() {
    let payload = "{\"action\":\"said\"}".repeat(100);
    let mut workspace = Workspace::default();
    for bits in 9..=15 {
        let config = DeflateConfig::default().server_max_window_bits(bits);
        let (mut client, server) = pair(&config);
        assert_eq!(
            server.takes_shared_deflate(payload.len()),
            payload.len() <= 1 << bits
        );
        let bytes = &payload.as_bytes()[..payload.len().min(1 << bits)];
        assert!(server.takes_shared_deflate(bytes.len()));
        let frame = frame::deflated(MessageKind::Binary, bytes, &config, &mut workspace.outbound);
        let frame = frame.expect("it shrinks");
        assert!(frame.len() < bytes.len());
        assert_eq!(feed(&mut client, &mut workspace, &frame), [binary(bytes)]);
    }
}

#[test]
fn peers_that_cannot_read_a_shared_frame_do_not_take_it() {
    let (client, server) = pair(&takeover());
    assert!(
        !server.takes_shared_deflate(1000),
        "it would get lost in the context"
    );
    assert!(!client.takes_shared_deflate(1000), "a client masks");
    assert!(
        !crate::peer::server().takes_shared_deflate(1000),
        "nothing was agreed"
    );
}

#[test]
fn a_shared_frame_is_not_made_where_it_gains_nothing() {
    let config = DeflateConfig::default();
    let outbound = &mut Workspace::default().outbound;
    assert_eq!(
        frame::deflated(MessageKind::Text, &[b'x'; 127], &config, outbound),
        None
    );
    assert_eq!(
        frame::deflated(MessageKind::Binary, &noise(4000), &config, outbound),
        None
    );
}
