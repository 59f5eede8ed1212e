//! What holds for all messages: they arrive as they were sent, however they are framed, compressed and cut.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use sockeye_protocol::{DeflateConfig, Endpoint, MessageKind, Role, Workspace, frame};

use crate::peer::{Seen, agree, feed};
use crate::raw::{BINARY, PING, PONG, TEXT, fragmented, masked};

/// One thing that a peer sends.
#[derive(Clone, Debug)]
enum Step {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
}

impl Step {
    fn seen(&self) -> Seen {
        match self.clone() {
            Self::Text(text) => Seen::Text(text),
            Self::Binary(bytes) => Seen::Binary(bytes),
            Self::Ping(bytes) => Seen::Ping(bytes),
            Self::Pong(bytes) => Seen::Pong(bytes),
        }
    }

    fn send(&self, endpoint: &mut Endpoint, workspace: &mut Workspace, wire: &mut Vec<u8>) {
        let outbound = &mut workspace.outbound;
        match self {
            Self::Text(text) => endpoint.send(MessageKind::Text, text.as_bytes(), wire, outbound),
            Self::Binary(bytes) => endpoint.send(MessageKind::Binary, bytes, wire, outbound),
            Self::Ping(bytes) => endpoint.ping(bytes, wire, outbound),
            Self::Pong(bytes) => endpoint.pong(bytes, wire, outbound),
        }
        .unwrap();
    }
}

fn step() -> impl Strategy<Value = Step> {
    let repetitive = (vec(any::<char>(), 1..9), 0..200_usize)
        .prop_map(|(chars, times)| chars.into_iter().collect::<String>().repeat(times));
    prop_oneof![
        4 => vec(any::<char>(), 0..40).prop_map(|chars| Step::Text(chars.into_iter().collect())),
        4 => repetitive.prop_map(Step::Text),
        3 => vec(any::<u8>(), 0..400).prop_map(Step::Binary),
        2 => (any::<u8>(), 0..70_000_usize).prop_map(|(byte, length)| Step::Binary(vec![byte; length])),
        1 => vec(any::<u8>(), 0..=125).prop_map(Step::Ping),
        1 => vec(any::<u8>(), 0..=125).prop_map(Step::Pong),
    ]
}

fn config() -> impl Strategy<Value = Option<DeflateConfig>> {
    let config = (
        any::<bool>(),
        any::<bool>(),
        9..=15_u8,
        9..=15_u8,
        1..=9_u8,
        0..300_u16,
    );
    proptest::option::weighted(
        0.8,
        config.prop_map(|(server, client, theirs, ours, level, least)| {
            DeflateConfig::default()
                .server_context_takeover(server)
                .client_context_takeover(client)
                .server_max_window_bits(theirs)
                .client_max_window_bits(ours)
                .level(level)
                .threshold_bytes(least)
        }),
    )
}

/// Feeds `wire` in reads that end at `cuts`.
fn read(endpoint: &mut Endpoint, wire: &[u8], cuts: &[Index]) -> Vec<Seen> {
    let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(wire.len() + 1)).collect();
    ends.push(wire.len());
    ends.sort_unstable();
    let (mut workspace, mut start, mut seen) = (Workspace::default(), 0, Vec::new());
    for end in ends {
        seen.extend(feed(endpoint, &mut workspace, &wire[start..end]));
        start = end;
    }
    seen
}

fn expected(steps: &[Step]) -> Vec<Seen> {
    steps.iter().map(Step::seen).collect()
}

/// A client and a server after the handshake.
fn pair(config: Option<DeflateConfig>) -> (Endpoint, Endpoint) {
    let agreed = config.as_ref().map(agree);
    let client = Endpoint::new(Role::Client, agreed.map(|(client, _)| client));
    let server = Endpoint::new(Role::Server, agreed.map(|(_, server)| server));
    (client, server)
}

/// The frames of one step, cut into fragments with a ping between each two: what no encoder of ours writes.
fn in_fragments(step: &Step, cuts: &[Index]) -> (Vec<u8>, Vec<Seen>) {
    let (opcode, payload) = match step {
        Step::Text(text) => (TEXT, text.as_bytes()),
        Step::Binary(bytes) => (BINARY, &bytes[..]),
        Step::Ping(bytes) => return (masked(PING, bytes), vec![step.seen()]),
        Step::Pong(bytes) => return (masked(PONG, bytes), vec![step.seen()]),
    };
    let mut ends: Vec<usize> = cuts
        .iter()
        .map(|cut| cut.index(payload.len() + 1))
        .collect();
    ends.extend([0, payload.len()]);
    ends.sort_unstable();
    let pieces: Vec<&[u8]> = ends
        .windows(2)
        .map(|ends| &payload[ends[0]..ends[1]])
        .collect();
    let mut seen = vec![Seen::Ping(b"between".to_vec()); pieces.len() - 1];
    seen.push(step.seen());
    let frames = fragmented(opcode, &pieces);
    let mut wire = Vec::new();
    let mut rest = &frames[..];
    for (at, piece) in pieces.iter().enumerate() {
        if at > 0 {
            wire.extend(masked(PING, b"between"));
        }
        let (frame, after) = rest.split_at(masked(0, piece).len());
        wire.extend(frame);
        rest = after;
    }
    (wire, seen)
}

fn settings() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(settings())]

    #[test]
    fn what_a_client_sends_arrives_at_the_server(
        steps in vec(step(), 0..8), config in config(), cuts in vec(any::<Index>(), 0..6),
    ) {
        let (mut client, mut server) = pair(config);
        let (mut workspace, mut wire) = (Workspace::default(), Vec::new());
        steps.iter().for_each(|step| step.send(&mut client, &mut workspace, &mut wire));
        prop_assert_eq!(read(&mut server, &wire, &cuts), expected(&steps));
        prop_assert!(!server.is_mid_message());
    }

    #[test]
    fn what_a_server_sends_arrives_at_the_client(
        steps in vec(step(), 0..8), config in config(), cuts in vec(any::<Index>(), 0..6),
    ) {
        let (mut client, mut server) = pair(config);
        let (mut workspace, mut wire) = (Workspace::default(), Vec::new());
        steps.iter().for_each(|step| step.send(&mut server, &mut workspace, &mut wire));
        prop_assert_eq!(read(&mut client, &wire, &cuts), expected(&steps));
        prop_assert!(!client.is_mid_message());
    }

    #[test]
    fn fragments_with_controls_between_arrive_as_one(
        steps in vec((step(), vec(any::<Index>(), 0..5)), 0..6),
        deflates in any::<bool>(),
        cuts in vec(any::<Index>(), 0..6),
    ) {
        let (_, mut server) = pair(deflates.then(DeflateConfig::default));
        let (mut wire, mut seen) = (Vec::new(), Vec::new());
        for (step, pieces) in &steps {
            let (frames, events) = in_fragments(step, pieces);
            wire.extend(frames);
            seen.extend(events);
        }
        prop_assert_eq!(read(&mut server, &wire, &cuts), seen);
    }

    #[test]
    fn a_shared_frame_is_what_each_server_would_send(
        payload in vec(prop_oneof![any::<u8>(), Just(b'x')], 0..3000), config in config(),
    ) {
        let config = config.unwrap_or_default().server_context_takeover(false);
        let (mut client, server) = pair(Some(config));
        let mut workspace = Workspace::default();
        let frame = frame::deflated(MessageKind::Binary, &payload, &config, &mut workspace.outbound);
        if let Some(frame) = frame && server.takes_shared_deflate(payload.len()) {
            prop_assert!(frame.len() < payload.len() + 4);
            prop_assert_eq!(read(&mut client, &frame, &[]), [Seen::Binary(payload)]);
        }
    }

    #[test]
    fn no_bytes_make_an_endpoint_panic_or_see_more_than_it_was_sent(
        bytes in vec(any::<u8>(), 0..300), config in config(), cuts in vec(any::<Index>(), 0..6),
    ) {
        let (_, mut whole) = pair(config);
        let (_, mut chopped) = pair(config);
        prop_assert_eq!(read(&mut chopped, &bytes, &cuts), read(&mut whole, &bytes, &[]));
    }
}
