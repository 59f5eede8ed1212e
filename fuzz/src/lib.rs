//! What the fuzz targets share: endpoints set up from a byte of input, and their histories.

use std::cell::RefCell;
use std::sync::OnceLock;

use http::header::SEC_WEBSOCKET_EXTENSIONS;
use http::{HeaderMap, HeaderName, HeaderValue};
use sockeye_protocol::{
    Deflate, DeflateConfig, Endpoint, Event, Limits, MessageKind, ProtocolError, Role, Workspace,
    deflate,
};

/// Small, so that short inputs reach them.
pub const LIMITS: Limits = Limits {
    message_bytes: 600,
    frame_bytes: 500,
    fragments: 6,
};

/// One thing that an endpoint made of its input, by value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A message.
    Message(MessageKind, Vec<u8>),
    /// A ping or a pong, or a close reason.
    Control(Vec<u8>),
    /// The end.
    Refused(ProtocolError),
}

impl From<Event<'_>> for Seen {
    fn from(event: Event<'_>) -> Self {
        match event {
            Event::Text(text) => Self::Message(MessageKind::Text, text.as_bytes().to_owned()),
            Event::Binary(bytes) => Self::Message(MessageKind::Binary, bytes.to_owned()),
            Event::Ping(bytes) | Event::Pong(bytes) => Self::Control(bytes.to_owned()),
            Event::Close(frame) => {
                Self::Control(frame.map_or_else(Vec::new, |frame| frame.reason.into()))
            }
        }
    }
}

thread_local! {
    /// One for all inputs, as one serves all connections of a shard: making codecs anew would take most of the time.
    static WORKSPACE: RefCell<Workspace> = RefCell::default();
}

/// Runs `use_it` with the workspace that all inputs share.
pub fn with_workspace<T>(use_it: impl FnOnce(&mut Workspace) -> T) -> T {
    WORKSPACE.with_borrow_mut(use_it)
}

/// What `endpoint` sees within `limits` when `bytes` arrive in reads of `size` bytes.
///
/// # Panics
/// When it breaks [`LIMITS`], or does not consume all input.
pub fn see(endpoint: &mut Endpoint, limits: &Limits, bytes: &[u8], size: usize) -> Vec<Seen> {
    let (mut input, mut seen) = (Vec::new(), Vec::new());
    with_workspace(|workspace| {
        for read in bytes.chunks(size.max(1)) {
            input.clear();
            input.extend_from_slice(read);
            feed(endpoint, limits, workspace, &mut input, &mut seen);
        }
    });
    for one in &seen {
        match one {
            Seen::Message(kind, bytes) => {
                assert!(bytes.len() <= LIMITS.message_bytes, "over the limit");
                assert!(*kind == MessageKind::Binary || str::from_utf8(bytes).is_ok());
            }
            Seen::Control(bytes) => assert!(bytes.len() <= 125),
            Seen::Refused(_) => {}
        }
    }
    seen
}

/// Adds to `seen` what `endpoint` makes of one read.
fn feed(
    endpoint: &mut Endpoint,
    limits: &Limits,
    workspace: &mut Workspace,
    input: &mut [u8],
    seen: &mut Vec<Seen>,
) {
    let mut at = 0;
    loop {
        match endpoint.receive(&mut input[at..], limits, &mut workspace.inbound) {
            Ok(received) => {
                at += received.consumed;
                let Some(event) = received.event else { break };
                seen.push(event.into());
            }
            Err(error) => return seen.push(Seen::Refused(error)),
        }
    }
    assert_eq!(at, input.len(), "input was left over");
}

/// A configuration from the bits of one byte.
#[must_use]
pub fn config(bits: u8) -> DeflateConfig {
    DeflateConfig::default()
        .server_context_takeover(bits & 1 != 0)
        .client_context_takeover(bits & 2 != 0)
        .server_max_window_bits(if bits & 4 != 0 { 9 } else { 15 })
        .client_max_window_bits(if bits & 8 != 0 { 9 } else { 15 })
        .level(if bits & 16 != 0 { 1 } else { 6 })
        .threshold_bytes(if bits & 32 != 0 { 0 } else { 128 })
}

/// What a client and a server of the configuration of these bits agree on, each as it understands it.
///
/// # Panics
/// When they do not agree.
#[must_use]
pub fn agree(bits: u8) -> (Deflate, Deflate) {
    // Few, and the target `extension` looks at how they come about.
    static AGREED: [OnceLock<(Deflate, Deflate)>; 64] = [const { OnceLock::new() }; 64];
    *AGREED[usize::from(bits & 63)].get_or_init(|| {
        let config = config(bits);
        let header = |value: HeaderValue| HeaderMap::from_iter([(SEC_WEBSOCKET_EXTENSIONS, value)]);
        let offer = header(deflate::offer(&config).expect("an offer is a header value"));
        let agreed = deflate::negotiate(&offer, &config).expect("an offer is valid");
        let (server, answer) = agreed.expect("an offer of ours is accepted");
        let client = deflate::check_answer(&header(answer), &config).expect("an answer is valid");
        (client.expect("it was not declined"), server)
    })
}

/// A client and a server; they compress as `bits` say, not at all when its top bit is not set.
#[must_use]
pub fn pair(bits: u8) -> (Endpoint, Endpoint) {
    let agreed = (bits & 0x80 != 0).then(|| agree(bits));
    let client = Endpoint::new(Role::Client, agreed.map(|(client, _)| client));
    let server = Endpoint::new(Role::Server, agreed.map(|(_, server)| server));
    (client, server)
}

/// The lines `name: value` of `text` as headers, without those that HTTP cannot carry.
#[must_use]
pub fn headers(text: &[u8]) -> HeaderMap {
    let line = |line: &[u8]| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        Some((
            name,
            HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?,
        ))
    };
    text.split(|byte| *byte == b'\n')
        .take(64)
        .filter_map(line)
        .collect()
}

/// The lines of `text` as values of `Sec-WebSocket-Extensions`, without those that HTTP cannot carry.
#[must_use]
pub fn extensions(text: &[u8]) -> HeaderMap {
    let line = |line| {
        Some((
            SEC_WEBSOCKET_EXTENSIONS,
            HeaderValue::from_bytes(line).ok()?,
        ))
    };
    text.split(|byte| *byte == b'\n')
        .take(64)
        .filter_map(line)
        .collect()
}
