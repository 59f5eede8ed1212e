//! Groups of Sockeye across nodes, over NATS.
//!
//! ```no_run
//! use sockeye::{Hub, Result, Router, serve};
//! use sockeye_nats::NatsBroker;
//!
//! # fn routes() -> Router { Router::new() }
//! #[tokio::main]
//! async fn main() -> Result<()> {
//!     let hub = Hub::with_broker(NatsBroker::new("nats://127.0.0.1:4222")?);
//!     serve("127.0.0.1:3000", routes().hub(&hub)).await
//! }
//! ```
//!
//! A group is a subject of core NATS; nothing is stored. The group `("room", "lobby")` is `sockeye.room:lobby`, and a
//! publication of JSON by anybody reaches its members as it stands:
//!
//! ```text
//! nats pub sockeye.room:lobby '{"action":"said","payload":{"text":"hi"}}'
//! ```
//!
//! What a node may do is one rule, for publishing and for subscriptions: `sockeye.>`. Beside the groups' subjects, whose
//! last token is the group, nodes send themselves a few bytes over `sockeye._probe.*`, which is how they know that what
//! they sent has been taken.

#![forbid(unsafe_code)]

mod access;
mod broker;
mod probes;
mod reader;
mod session;
mod subjects;
mod tls;
mod watch;

pub use broker::NatsBroker;
