//! The protocol's hot paths, whose instructions are counted: what every message of every connection takes.

#![allow(
    missing_docs,
    unused_qualifications,
    reason = "the macros of the counting library write modules without docs, and longer paths than they need"
)]

use std::hint::black_box;

use gungraun::{library_benchmark, library_benchmark_group, main};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Version};
use sockeye_protocol::handshake::Request;
use sockeye_protocol::{
    Deflate, DeflateConfig, Endpoint, Event, Limits, MessageKind, Opcode, Role, Workspace, deflate,
    frame,
};

/// Messages of one count: so many that the way into the function does not matter.
const MESSAGES: usize = 64;
const ASCII: &str = "What is said in a chat, mostly: short words, some dots. ";
const UMLAUTS: &str = "Größere Wörter fügt man öfter über Brücken, 你好 Ωμέγα. ";

/// A server's end of a connection, and bytes that its client has sent.
struct Conversation {
    server: Endpoint,
    limits: Limits,
    workspace: Workspace,
    input: Vec<u8>,
    /// Where the server writes; it has grown before, as in a running server.
    out: Vec<u8>,
}

/// `bytes` bytes of `words`, less where that would cut a letter.
fn words(words: &str, bytes: usize) -> String {
    let mut text = words.repeat(bytes / words.len() + 1);
    while text.len() > bytes {
        text.pop();
    }
    text
}

/// A conversation in which the client has said `text` as often as is counted. What is made on first use was used before.
fn conversation(kind: MessageKind, text: &str, deflate: Option<Deflate>) -> Conversation {
    let mut client = Endpoint::new(Role::Client, deflate);
    let mut workspace = Workspace::default();
    let mut said = Vec::new();
    for _ in 0..MESSAGES {
        let sent = client.send(kind, text.as_bytes(), &mut said, &mut workspace.outbound);
        assert!(sent.is_ok());
    }
    let server = || Endpoint::new(Role::Server, deflate);
    let mut used = echo_all(Conversation {
        server: server(),
        limits: Limits::default(),
        workspace,
        input: said.clone(),
        out: Vec::new(),
    });
    used.out.clear();
    Conversation {
        server: server(),
        input: said,
        ..used
    }
}

fn small() -> Conversation {
    conversation(MessageKind::Text, &words(ASCII, 32), None)
}

fn large() -> Conversation {
    conversation(MessageKind::Text, &words(ASCII, 1024), None)
}

fn large_binary() -> Conversation {
    conversation(MessageKind::Binary, &words(ASCII, 1024), None)
}

fn large_umlauts() -> Conversation {
    conversation(MessageKind::Text, &words(UMLAUTS, 1024), None)
}

fn large_deflated() -> Conversation {
    let mut offer = HeaderMap::new();
    let name = HeaderValue::from_static("permessage-deflate");
    offer.insert("sec-websocket-extensions", name);
    let agreed = deflate::negotiate(&offer, &DeflateConfig::default());
    let agreed = agreed.ok().flatten().map(|(agreed, _)| agreed);
    assert!(agreed.is_some());
    conversation(MessageKind::Text, &words(ASCII, 1024), agreed)
}

#[library_benchmark]
#[bench::text_32(small())]
#[bench::text_1k(large())]
#[bench::binary_1k(large_binary())]
#[bench::utf8_1k(large_umlauts())]
#[bench::deflated_1k(large_deflated())]
fn receive(mut conversation: Conversation) -> Conversation {
    let mut rest = conversation.input.as_mut_slice();
    let inbound = &mut conversation.workspace.inbound;
    while let Ok(received) = conversation
        .server
        .receive(rest, &conversation.limits, inbound)
    {
        let consumed = received.consumed;
        if black_box(received.event).is_none() {
            break;
        }
        rest = &mut rest[consumed..];
    }
    conversation
}

// Each message comes in three reads, cut in its header and in its payload.
#[library_benchmark]
#[bench::text_32(small())]
fn receive_in_pieces(mut conversation: Conversation) -> Conversation {
    let frame = conversation.input.len() / MESSAGES;
    let inbound = &mut conversation.workspace.inbound;
    for message in conversation.input.chunks_mut(frame) {
        let (head, tail) = message.split_at_mut(3);
        let (middle, tail) = tail.split_at_mut(9);
        for piece in [head, middle, tail] {
            let received = conversation
                .server
                .receive(piece, &conversation.limits, inbound);
            let _ = black_box(received.map(|received| received.event));
        }
    }
    conversation
}

#[library_benchmark]
#[bench::text_32(small())]
#[bench::text_1k(large())]
fn echo(conversation: Conversation) -> Conversation {
    echo_all(conversation)
}

fn echo_all(mut conversation: Conversation) -> Conversation {
    let mut rest = conversation.input.as_mut_slice();
    let Workspace { inbound, outbound } = &mut conversation.workspace;
    let (server, out) = (&mut conversation.server, &mut conversation.out);
    let limits = &conversation.limits;
    while let Ok(received) = server.receive(rest, limits, inbound) {
        let consumed = received.consumed;
        let sent = match received.event {
            Some(Event::Text(text)) => {
                server.send(MessageKind::Text, text.as_bytes(), out, outbound)
            }
            Some(Event::Binary(bytes)) => server.send(MessageKind::Binary, bytes, out, outbound),
            _ => break,
        };
        if black_box(sent).is_err() {
            break;
        }
        rest = &mut rest[consumed..];
    }
    conversation
}

fn payload(bytes: usize) -> (String, Vec<u8>) {
    (
        words(ASCII, bytes),
        Vec::with_capacity(MESSAGES * (bytes + 64)),
    )
}

#[library_benchmark]
#[bench::text_32(payload(32))]
#[bench::text_1k(payload(1024))]
fn append((text, mut out): (String, Vec<u8>)) -> (String, Vec<u8>) {
    for _ in 0..MESSAGES {
        frame::append(Opcode::Text, black_box(text.as_bytes()), &mut out);
    }
    (text, out)
}

fn compressor() -> (Workspace, String) {
    let (mut workspace, text) = (Workspace::default(), words(ASCII, 1024));
    let config = DeflateConfig::default();
    let first = frame::deflated(
        MessageKind::Text,
        text.as_bytes(),
        &config,
        &mut workspace.outbound,
    );
    assert!(first.is_some());
    (workspace, text)
}

// One message, as a broadcast is compressed once for all.
#[library_benchmark]
#[bench::text_1k(compressor())]
fn deflated((mut workspace, text): (Workspace, String)) -> (Workspace, String) {
    let config = DeflateConfig::default();
    let outbound = &mut workspace.outbound;
    black_box(frame::deflated(
        MessageKind::Text,
        text.as_bytes(),
        &config,
        outbound,
    ));
    (workspace, text)
}

fn request() -> HeaderMap {
    let headers = [
        ("host", "localhost:3000"),
        ("connection", "keep-alive, Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let headers = headers.map(|(name, value)| (name.parse(), HeaderValue::from_static(value)));
    headers
        .into_iter()
        .filter_map(|(name, value)| Some((name.ok()?, value)))
        .collect()
}

#[library_benchmark]
#[bench::plain(request())]
fn handshake(headers: HeaderMap) -> HeaderMap {
    let request = Request::check(&Method::GET, Version::HTTP_11, &headers, None);
    let status = request.map(|request| black_box(request.response(None, None)).status());
    assert_eq!(status, Ok(StatusCode::SWITCHING_PROTOCOLS));
    headers
}

library_benchmark_group!(
    name = protocol,
    benchmarks = [
        receive,
        receive_in_pieces,
        echo,
        append,
        deflated,
        handshake
    ]
);

main!(library_benchmark_groups = protocol);
