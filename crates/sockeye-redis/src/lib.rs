//! Groups of [Sockeye](sockeye) across nodes, over Redis 6 or newer.
//!
//! ```no_run
//! use sockeye::{Context, Handler, Hub, RawMessage, Result, Router, endpoint, serve};
//! use sockeye_redis::RedisBroker;
//!
//! struct ChatRoom;
//!
//! impl Handler for ChatRoom {
//!     type Incoming = String;
//!     type Outgoing = String;
//!
//!     async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
//!         cx.join(("room", cx.param("room")?)).await
//!     }
//!
//!     async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
//!         cx.broadcast(text) // reaches the members on all nodes
//!     }
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<()> {
//!     let hub = Hub::with_broker(RedisBroker::new("redis://127.0.0.1:6379")?);
//!     let routes = Router::new().route("/chat/{room:slug}", endpoint(|| ChatRoom));
//!     serve("127.0.0.1:3000", routes.hub(&hub)).await
//! }
//! ```
//!
//! # What is promised
//!
//! Messages reach the members on other nodes at most once, and those of one node to one group in the order in which it
//! published them. When Redis ends, hangs or fails over, connections stay, publishing says so at once, and the subscriptions
//! are live again within about two seconds of its return. Redis keeps nothing for those who are away; so whatever members may
//! have missed meanwhile is told as a [gap](sockeye::Gap), and never hidden.
//!
//! # What Redis sees
//!
//! Two connections of each node: one publishes, many messages in one write, one is subscribed, once for each group with members
//! on that node. A message crosses to a node once, whatever the number of its members. The channel of the group `("room",
//! "lobby")` is `sockeye:room:lobby`; a plain `PUBLISH sockeye:room:lobby text` of any program reaches its members as a text.
//! In a [cluster](RedisBroker::cluster) it is two connections to each master and sharded pub/sub, `SPUBLISH`, which Redis has
//! since version 7.
//!
//! Where the master may change, [sentinels](RedisBroker::sentinel) are asked for it, or a name leads to it. Without Sentinel or a
//! cluster no node can tell a replica from its master: what is published to a replica reaches its own subscribers alone.
//!
//! # What to set in Redis
//!
//! - `client-output-buffer-limit pubsub`: Redis cuts a subscriber off for which more than this waits, by default 32 MB, or 8 MB
//!   for a minute. A node that is cut off comes back by itself, and its members are told of the gap. Raise it where bursts are
//!   larger than what a node reads in that time.
//! - A user of its own: `ACL SETUSER sockeye on >secret resetchannels &sockeye:* +publish +spublish +subscribe +ssubscribe
//!   +unsubscribe +sunsubscribe +ping +hello +cluster|slots +select`. A group whose channel the user may not have cannot be joined.
//! - Nothing else: no key is read or written, persistence and eviction do not matter.

#![forbid(unsafe_code)]

mod broker;
mod channels;
mod cluster;
mod endpoint;
mod link;
#[cfg(not(feature = "tls"))]
mod plain;
mod refusal;
mod sentinel;
mod session;
mod stream;
#[cfg(feature = "tls")]
mod tls;

pub use broker::RedisBroker;
#[cfg(not(feature = "tls"))]
use plain::Tls;
#[cfg(feature = "tls")]
use tls::Tls;
