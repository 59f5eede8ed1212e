//! An endpoint with what it saw, for tests that compare histories.

use http::{HeaderMap, HeaderValue};
use sockeye_protocol::{
    CloseFrame, Deflate, DeflateConfig, Endpoint, Event, Limits, ProtocolError, Role, Workspace,
    deflate,
};

/// One thing that an endpoint made of its input, by value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<(u16, String)>),
    Refused(ProtocolError),
}

impl From<Event<'_>> for Seen {
    fn from(event: Event<'_>) -> Self {
        match event {
            Event::Text(text) => Self::Text(text.to_owned()),
            Event::Binary(bytes) => Self::Binary(bytes.to_owned()),
            Event::Ping(bytes) => Self::Ping(bytes.to_owned()),
            Event::Pong(bytes) => Self::Pong(bytes.to_owned()),
            Event::Close(None) => Self::Close(None),
            Event::Close(Some(CloseFrame { code, reason })) => {
                Self::Close(Some((code.as_u16(), reason.to_owned())))
            }
        }
    }
}

pub(crate) fn text(text: &str) -> Seen {
    Seen::Text(text.to_owned())
}

pub(crate) fn binary(bytes: &[u8]) -> Seen {
    Seen::Binary(bytes.to_owned())
}

/// Feeds one read to an endpoint the way an engine does, and returns all that it saw.
pub(crate) fn feed(endpoint: &mut Endpoint, workspace: &mut Workspace, input: &[u8]) -> Vec<Seen> {
    feed_within(&Limits::default(), endpoint, workspace, input)
}

pub(crate) fn feed_within(
    limits: &Limits,
    endpoint: &mut Endpoint,
    workspace: &mut Workspace,
    input: &[u8],
) -> Vec<Seen> {
    let mut input = input.to_owned();
    let (mut at, mut seen) = (0, Vec::new());
    loop {
        match endpoint.receive(&mut input[at..], limits, &mut workspace.inbound) {
            Ok(received) => {
                at += received.consumed;
                let Some(event) = received.event else { break };
                seen.push(event.into());
            }
            Err(error) => {
                seen.push(Seen::Refused(error));
                break;
            }
        }
    }
    let refused = matches!(seen.last(), Some(Seen::Refused(_)));
    assert!(refused || at == input.len(), "input was left over");
    seen
}

/// What a new endpoint sees when these reads arrive.
pub(crate) fn see<'a>(endpoint: Endpoint, reads: impl IntoIterator<Item = &'a [u8]>) -> Vec<Seen> {
    see_within(&Limits::default(), endpoint, reads)
}

pub(crate) fn see_within<'a>(
    limits: &Limits,
    mut endpoint: Endpoint,
    reads: impl IntoIterator<Item = &'a [u8]>,
) -> Vec<Seen> {
    let mut workspace = Workspace::default();
    reads
        .into_iter()
        .flat_map(|read| feed_within(limits, &mut endpoint, &mut workspace, read))
        .collect()
}

pub(crate) fn server() -> Endpoint {
    Endpoint::new(Role::Server, None)
}

pub(crate) fn client() -> Endpoint {
    Endpoint::new(Role::Client, None)
}

/// A server with default compression.
pub(crate) fn deflating_server() -> Endpoint {
    Endpoint::new(Role::Server, Some(agree(&DeflateConfig::default()).1))
}

/// What a client and a server of this configuration agree on, each as it understands it.
pub(crate) fn agree(config: &DeflateConfig) -> (Deflate, Deflate) {
    let with = |value: HeaderValue| {
        HeaderMap::from_iter([("sec-websocket-extensions".parse().unwrap(), value)])
    };
    let offer = with(deflate::offer(config).unwrap());
    let (server, answer) = deflate::negotiate(&offer, config).unwrap().unwrap();
    let client = deflate::check_answer(&with(answer), config)
        .unwrap()
        .unwrap();
    (client, server)
}

/// What a row of a table is about, what a client sends, and what the server sees.
pub(crate) type Row = (&'static str, Vec<u8>, Vec<Seen>);

pub(crate) fn refused(error: ProtocolError) -> Vec<Seen> {
    vec![Seen::Refused(error)]
}

/// Checks what a server with default limits sees of each row.
pub(crate) fn check(rows: Vec<Row>) {
    for (name, bytes, expected) in rows {
        assert_eq!(see(server(), [&bytes[..]]), expected, "{name}");
    }
}

pub(crate) fn ping(payload: &[u8]) -> Seen {
    Seen::Ping(payload.to_owned())
}
