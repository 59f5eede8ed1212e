//! Options of a listener.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::span;

/// What a listener allows before a request has reached a route.
///
/// With serde, what is missing keeps its default and what is unknown is an error; see [`Settings`](crate::Settings).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ServerOptions {
    /// Connections open at once, sockets included; the next waits in the kernel's queue. One connection of HTTP/2 is one,
    /// with up to 128 sockets on it. Defaults to 100,000.
    pub connections: usize,
    /// How long the TLS handshake may take. Defaults to 5 s.
    #[serde(with = "span")]
    pub tls_timeout: Duration,
    /// How long the head of a request may take from its first byte, and a fresh connection to send one.
    /// Defaults to 5 s.
    #[serde(with = "span")]
    pub header_timeout: Duration,
    /// Bytes of a request's head; over HTTP/1.1 rounded up to what the read buffer holds, 8 KiB at least. More is
    /// answered with 431. Defaults to 16 KiB, as nginx takes.
    pub header_bytes: usize,
    /// Header lines of a request; more are answered with 431. Defaults to 64: browsers send fewer than 25.
    pub headers: usize,
    /// The longest window over which a drain spreads its closes. Defaults to 10 s, so that clients do not come back all
    /// at once.
    #[serde(with = "span")]
    pub drain_window: Duration,
    /// How much of the window each connection may claim, so that a server with few of them ends soon. Defaults to
    /// 250 ms: from 40 connections on a drain takes the whole window of 10 s, and one alone a quarter of a second.
    #[serde(with = "span")]
    pub drain_pace: Duration,
    /// Whether a drain tells clients to come back (1012) or that this place is gone (1001). Defaults to
    /// [`Drain::Restart`].
    pub drain: Drain,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            connections: 100_000,
            tls_timeout: Duration::from_secs(5),
            header_timeout: Duration::from_secs(5),
            header_bytes: 16 * 1024,
            headers: 64,
            drain_window: Duration::from_secs(10),
            drain_pace: Duration::from_millis(250),
            drain: Drain::Restart,
        }
    }
}

/// What clients are told when the server drains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Drain {
    /// 1012: the service restarts, come back.
    Restart,
    /// 1001: the service leaves for good.
    Leave,
}
