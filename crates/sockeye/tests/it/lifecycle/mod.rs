//! Every way a connection ends, in every phase of its life: its handler hears of it once, and nothing of it is left.

mod aftermath;
mod cell;
mod client;
mod functions;
mod handlers;
mod probe;
mod script;
#[cfg(feature = "tls")]
mod tls;

use sockeye::Cause;

/// Where in its life a connection is when something ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// `on_handshake` waits: there is no WebSocket yet.
    Handshake,
    /// `on_connect` waits, or a function handler before its first `receive`.
    Connect,
    /// Nothing of the handler runs; a function handler waits in `receive`.
    Idle,
    /// `on_message` waits.
    Message,
    /// More was sent than the peer reads: the kernel takes no more, the outbox is not empty.
    Queued,
    /// `on_disconnect` waits, because the connection was closed with 4000; a function handler after its last `receive`.
    Disconnect,
}

/// What ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// The peer sends a close frame; before there are frames, it ends its stream.
    PeerClose,
    /// The peer resets TCP.
    Reset,
    /// The peer answers no ping.
    Silence,
    /// Code of the application panics.
    Panic,
    /// Code of the application fails.
    Failure,
    /// A hook does not come back.
    Hang,
    /// The peer reads too slowly: its outbox overflows, or takes nothing for the write timeout.
    Flood,
    /// Somebody closes the connection with 4001.
    ServerClose,
    /// The server drains.
    Drain,
    /// The server stops at once.
    Stop,
}

/// What a handler is to hear of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    /// Nothing: its connection never began.
    Nothing,
    /// Its end, once, with this cause.
    Once(Cause),
    /// Nothing, but its connection ends with this code: it was the handler itself that ended.
    Closed(u16),
    /// There is no such case, for a reason.
    Never(&'static str),
}
