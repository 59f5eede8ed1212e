//! Any bytes as compressed messages, and any bytes compressed: bounded, the same however cut, and back as they were.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sockeye_fuzz::{LIMITS, Seen, config, pair, see, with_workspace};
use sockeye_protocol::{MessageKind, Workspace, frame};

fuzz_target!(|input: &[u8]| {
    let [setup, split, bytes @ ..] = input else {
        return;
    };
    // Codecs of their own cost an endpoint most of an execution to make: now and then is enough.
    let kept = if split.is_multiple_of(8) { 0xff } else { !0b11 };
    let setup = (setup & kept) | 0x80;
    let bytes = &bytes[..bytes.len().min(500)];
    let (first, second) = bytes.split_at(usize::from(*split).min(bytes.len()));
    // Compressing costs many times what reading does, and has the fewer ways to go.
    if setup & 0x40 == 0 || !split.is_multiple_of(64) {
        reads_within_limits(setup, usize::from(split % 32), first, second);
    } else {
        sends_and_arrives(setup, &[first, second, bytes, first]);
    }
});

/// Reads two messages that claim to be compressed, whole and in reads of `size` bytes.
fn reads_within_limits(setup: u8, size: usize, first: &[u8], second: &[u8]) {
    let wire = [
        masked(0xc1, first),
        masked(0x42, second),
        masked(0x80, b""),
        masked(0x81, b"end"),
    ];
    let wire = wire.concat();
    let whole = see(&mut pair(setup).1, &LIMITS, &wire, wire.len());
    assert_eq!(see(&mut pair(setup).1, &LIMITS, &wire, size), whole);
}

/// Sends messages both ways, and the last one in a frame for all.
fn sends_and_arrives(setup: u8, messages: &[&[u8]]) {
    let (mut client, mut server) = pair(setup);
    let (mut up, mut down) = (Vec::new(), Vec::new());
    with_workspace(|Workspace { outbound, .. }| {
        for message in messages {
            client
                .send(MessageKind::Binary, message, &mut up, outbound)
                .expect("it is open");
            server
                .send(MessageKind::Binary, message, &mut down, outbound)
                .expect("it is open");
            let takes_shared = server.takes_shared_deflate(message.len());
            let shared = frame::deflated(MessageKind::Binary, message, &config(setup), outbound);
            if let Some(shared) = shared.filter(|_| takes_shared) {
                assert!(down.ends_with(&shared), "alone and for all it is the same");
            }
        }
    });
    let message = |bytes: &&[u8]| Seen::Message(MessageKind::Binary, bytes.to_vec());
    let sent: Vec<Seen> = messages.iter().map(message).collect();
    assert_eq!(see(&mut server, &LIMITS, &up, 7), sent);
    assert_eq!(see(&mut client, &LIMITS, &down, 7), sent);
}

/// A masked frame of at most 65,535 bytes, under a mask of zeros.
fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let head = match u8::try_from(payload.len()) {
        Ok(length @ ..=125) => vec![first, 0x80 | length],
        _ => [&[first, 0xfe], &(payload.len() as u16).to_be_bytes()[..]].concat(),
    };
    [&head, &[0; 4][..], payload].concat()
}
