//! Options of an endpoint, and the smaller choices among them.

use std::num::NonZeroU32;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};
use sockeye_protocol::{DeflateConfig, Limits};

use crate::config::{Wire, off, span};

/// What one endpoint allows and expects of each of its connections.
///
/// ```
/// let mut options = sockeye::Options::default();
/// options.message_bytes = 64 * 1024;
/// options.heartbeat.interval = std::time::Duration::from_secs(10);
/// ```
///
/// With serde, what is missing keeps its default and what is unknown is an error; durations are texts such as `"10s"` or
/// seconds, what may be `None` is then `"off"`. See [`Settings`](crate::Settings).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// Largest message taken from a peer, in bytes after decompression; more closes 1009.
    /// Defaults to 1 MiB: the largest that every source of traffic we know of needs without asking.
    pub message_bytes: usize,
    /// Largest single frame, in bytes on the wire. Defaults to `message_bytes`' default, 1 MiB.
    pub frame_bytes: usize,
    /// Frames one message may be split into, empty ones counted; more closes 1008. Defaults to 1,024: browsers
    /// send one, and each fragment costs work before its message can be judged.
    pub fragments: u32,
    /// How long one message may take from its first byte to its last; longer closes 1008. Defaults to 60 s: the
    /// largest message at the speed of a poor mobile link.
    #[serde(with = "span")]
    pub message_timeout: Duration,
    /// Bytes that may wait for one peer to read them, 128 more counted for each broadcast among them. Defaults to
    /// 1 MiB: a second of a fast feed. A peer that lets more pile up is closed with 1013; `send_*` waits instead, and
    /// groups may be told [otherwise](crate::HubOptions::overflow).
    pub outbox_bytes: usize,
    /// How long a peer may take nothing of what waits for it. Defaults to 10 s; then it is closed with 1013.
    #[serde(with = "span")]
    pub write_timeout: Duration,
    /// Pings and the patience for their answer.
    pub heartbeat: Heartbeat,
    /// How long a peer may send no message at all, pongs not counted; `None`, the default, allows for ever,
    /// because many clients only listen.
    #[serde(with = "span::or_off")]
    pub idle_timeout: Option<Duration>,
    /// How long the handshake's hooks may take, and then the upgrade. Defaults to 10 s.
    #[serde(with = "span")]
    pub handshake_timeout: Duration,
    /// How long one `on_connect` or `on_message` may run before it is dropped and the connection closed with
    /// 1011. Defaults to 30 s, the patience of a person.
    #[serde(with = "span")]
    pub hook_timeout: Duration,
    /// How long `on_disconnect` may run, and a function handler after its peer has gone; then as long again what they
    /// put off. Defaults to 5 s, so that a shutdown ends.
    #[serde(with = "span")]
    pub disconnect_timeout: Duration,
    /// How long to wait for the peer's half of the closing handshake. Defaults to 5 s.
    #[serde(with = "span")]
    pub close_timeout: Duration,
    /// Messages a peer may send. Defaults to 100 a second with bursts of 200, ten times a fast typist's
    /// collaborative editor; more closes 1008. `None` is no limit.
    #[serde(with = "off")]
    pub rate: Option<Rate>,
    /// Pings, pongs and closes a peer may send. Defaults to 30 a second with bursts of 60; more closes 1008.
    pub control_rate: Rate,
    /// Groups one connection may be in at once. Defaults to 128, as in Centrifugo's and Phoenix's order.
    pub groups: usize,
    /// [Events](crate::Group::notify) that may wait for one connection's handler. Defaults to 64: a burst, not a backlog.
    /// Those that find no room are lost, which `on_gap` tells.
    pub events: usize,
    /// Tasks one connection may have running. Defaults to 32.
    pub tasks: usize,
    /// permessage-deflate, offered when `Some`. Defaults to no context takeover, so that it costs no memory per
    /// connection.
    #[serde(with = "off")]
    pub compression: Option<DeflateConfig>,
    /// What a failing `on_message`, or a message that cannot be decoded, does to the connection. Defaults to an error
    /// frame for [typed messages](crate::Message), and to closing for all others.
    pub on_error: OnError,
    /// The keys of typed messages. Defaults to `action` and `payload`.
    pub wire: Wire,
    /// Whether `{"action":"ping"}` is answered by `{"action":"pong"}` for handlers of typed messages that have no `ping`
    /// of their own. Defaults to `true`: pages cannot send protocol pings.
    pub ping: bool,
    /// Whether `{"action":"complete"}` follows everything that a message to a handler of typed messages caused for its
    /// sender: replies, its own copies of broadcasts, errors. Defaults to `false`.
    pub completion: bool,
    /// Whether `{"action":"group_complete"}` follows each message of a group. Defaults to `false`; members with it cost
    /// a broadcast more than those without.
    pub group_completion: bool,
    /// Whether `{"action":"authentication","payload":{"status_code":200,"status_text":"OK","data":{"detail":"OK"}}}` is the
    /// first frame of every connection, before `on_connect` runs: the counterpart of what a refused client is told by
    /// [`Refusal::AcceptThenClose`]. Defaults to `false`.
    pub authentication_frame: bool,
    /// Whether what a message caused leaves, each reply in a write of its own, before the next message is handled. Defaults
    /// to `false`: what a turn of the connection sends leaves in one write, which is what makes many small messages cheap.
    /// In the middle of a hook [`Peer::flush`](crate::Peer::flush) does it once. Messages of groups leave as ever.
    pub flush_each: bool,
    /// Whether each received message is an event in the log, at the level debug. Defaults to `true`.
    ///
    /// Each connection is a span there, with its `id`, `path`, `route` and `peer`, and in it each message, with its
    /// `number` and `action`; so is what the handler itself logs. They have the target `sockeye::messages` and the level
    /// info, and cost nothing where nobody listens when the connection comes in. Payloads are shown from the level trace
    /// on, up to 1 KiB of each.
    pub log_received: bool,
    /// Whether each message that was sent to the client alone is one, messages of groups are not. Defaults to `true`.
    pub log_sent: bool,
    /// Actions of messages that are no such events. Defaults to none.
    pub log_ignored: Vec<String>,
    /// How a client is refused. Defaults to an HTTP response instead of the upgrade.
    pub refusal: Refusal,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            message_bytes: 1024 * 1024,
            frame_bytes: 1024 * 1024,
            fragments: 1024,
            message_timeout: Duration::from_secs(60),
            outbox_bytes: 1024 * 1024,
            write_timeout: Duration::from_secs(10),
            heartbeat: Heartbeat::default(),
            idle_timeout: None,
            handshake_timeout: Duration::from_secs(10),
            hook_timeout: Duration::from_secs(30),
            disconnect_timeout: Duration::from_secs(5),
            close_timeout: Duration::from_secs(5),
            rate: Some(Rate::per_second(100, 200)),
            control_rate: Rate::per_second(30, 60),
            groups: 128,
            events: 64,
            tasks: 32,
            compression: Some(DeflateConfig::default()),
            on_error: OnError::Auto,
            wire: Wire::DEFAULT,
            ping: true,
            completion: false,
            group_completion: false,
            authentication_frame: false,
            flush_each: false,
            log_received: true,
            log_sent: true,
            log_ignored: Vec::new(),
            refusal: Refusal::Http,
        }
    }
}

impl OnError {
    /// Whether faults are answered, for typed messages or others.
    pub(crate) fn replies(self, typed: bool) -> bool {
        match self {
            Self::Auto => typed,
            Self::Close => false,
            Self::Reply => true,
        }
    }
}

impl Options {
    pub(crate) fn protocol_limits(&self) -> Limits {
        Limits {
            message_bytes: self.message_bytes,
            frame_bytes: self.frame_bytes,
            fragments: self.fragments,
        }
    }

    /// How often the timers of a connection need a look: a quarter of its shortest timeout, 5 ms to 1 s.
    pub(crate) fn sweep_interval(&self) -> Duration {
        let shortest = [
            self.message_timeout,
            self.write_timeout,
            self.heartbeat.interval,
            self.heartbeat.timeout,
            self.hook_timeout,
            self.disconnect_timeout,
            self.close_timeout,
            self.idle_timeout.unwrap_or(Duration::MAX),
        ]
        .into_iter()
        .fold(Duration::MAX, Duration::min);
        (shortest / 4).clamp(Duration::from_millis(5), Duration::from_secs(1))
    }
}

/// Pings to a silent peer and the patience for its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Heartbeat {
    /// Silence after which the peer is pinged. Defaults to 25 s, under the 30 s after which common proxies cut.
    #[serde(with = "span")]
    pub interval: Duration,
    /// How long after a ping nothing at all may arrive before the peer counts as gone. Defaults to 20 s.
    #[serde(with = "span")]
    pub timeout: Duration,
}

impl Default for Heartbeat {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(25),
            timeout: Duration::from_secs(20),
        }
    }
}

/// A rate with room for bursts: a bucket of `burst` tokens refilled with `per_second`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Tokens that come back each second; at least 1.
    #[serde(deserialize_with = "at_least_one")]
    pub per_second: u32,
    /// Tokens that fit; at least 1.
    #[serde(deserialize_with = "at_least_one")]
    pub burst: u32,
}

impl Rate {
    /// A rate of `per_second` with bursts of `burst`; both are at least 1.
    #[must_use]
    pub const fn per_second(per_second: u32, burst: u32) -> Self {
        Self {
            per_second: if per_second == 0 { 1 } else { per_second },
            burst: if burst == 0 { 1 } else { burst },
        }
    }
}

fn at_least_one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    NonZeroU32::deserialize(deserializer).map(NonZeroU32::get)
}

/// What a failing `on_message` does to its connection. A panic closes it with 1011 in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OnError {
    /// Reply to [typed messages](crate::Message), close for all others.
    Auto,
    /// Close with 1003 what cannot be decoded; with 1011 what failed, of which the peer learns nothing else; with 4000 + status and its text after
    /// [`Error::refused`](crate::Error::refused).
    Close,
    /// Answer with an error frame and go on: `{"action":"error","payload":{"code","message","action","id"}}` of what a
    /// handler refused or failed at, `{"code","message","errors":[{"type","loc","msg"}]}` of a message that cannot be read,
    /// with code 400, or 422 when only its values are wrong. Both carry the `ref` of the message.
    Reply,
}

/// How a client that may not connect is told so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refusal {
    /// By an HTTP response instead of the upgrade; programs can read it, pages in a browser cannot.
    Http,
    /// By accepting, sending `{"action":"authentication","payload":{"status_code","status_text","data"}}` and
    /// closing with 4000 + status, which pages can read.
    AcceptThenClose,
    /// Browsers, known by their `Origin` header, by the second; others by the first.
    Auto,
}
