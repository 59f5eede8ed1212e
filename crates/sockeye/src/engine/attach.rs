//! Attachment: a connection on its way from the upgrade into a shard.

use std::sync::Arc;

use bytes::Bytes;
use sockeye_protocol::Deflate;

use crate::config::Options;
use crate::engine::counters::Pass;
use crate::engine::lifecycle::Lifecycle;
use crate::engine::link::Link;
use crate::engine::place::Place;
use crate::engine::transport::Transport;

/// All that a shard needs to own a connection.
pub(crate) struct Attachment {
    pub(crate) transport: Transport,
    /// Bytes that arrived together with the handshake; they are the first to be parsed.
    pub(crate) received: Bytes,
    pub(crate) link: Arc<Link>,
    pub(crate) lifecycle: Box<dyn Lifecycle>,
    pub(crate) options: Arc<Options>,
    pub(crate) deflate: Option<Deflate>,
    pub(crate) pass: Pass,
    /// Where it is all that its server's connection is for: over HTTP/2 that outlives its sockets.
    pub(crate) place: Option<Place>,
}
