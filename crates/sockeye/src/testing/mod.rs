//! Testing: a server and its clients in memory, for the tests of an application.
//!
//! Behind the feature `testing`, for `[dev-dependencies]`. Two clients in a room:
//!
//! ```
//! # use sockeye::testing::TestServer;
//! # use sockeye::{Result, Router, WebSocket};
//! # async fn chat(mut socket: WebSocket) -> Result<()> {
//! #     socket.join(("room", socket.param("room")?)).await?;
//! #     while let Some(text) = socket.receive_text().await? { socket.broadcast(text)?; }
//! #     Ok(())
//! # }
//! # fn routes() -> Router { Router::new().route("/chat/{room:slug}", chat) }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let server = TestServer::new(routes());
//! let ann = server.connect("/chat/lobby").await;
//! let mut bob = server.connect("/chat/lobby").await;
//! ann.send_text("hi");
//! assert_eq!(bob.receive_text().await, "hi");
//! # }
//! ```
//!
//! [`TestServer`] serves a router; [`TestServer::client`] begins a handshake with headers, cookies and more;
//! [`TestClient`] sends, receives and asserts, and fails on demand: a reader that stops, a link that breaks, frames in
//! pieces, delay; [`Captured`] sees what is published, with delivery or without.
//!
//! With `#[tokio::test(start_paused = true)]` timeouts, heartbeats and delays take no time. Without it the same tests
//! run against the clock, and are as deterministic otherwise: waiting for silence is waiting for the server to come to
//! rest, not for a while.

mod answer;
mod broker;
mod capture;
mod client;
mod closed;
mod dialect;
mod floor;
mod handshake;
mod history;
mod patience;
mod pipe;
mod receive;
mod server;
mod session;

pub use answer::Refused;
pub use broker::{BrokerSuite, Chaos, ChaosReport, Outage, OutageFuture, Storm, StormReport};
pub use capture::{Captured, CapturedMessage};
pub use client::TestClient;
pub use closed::Closed;
pub use handshake::TestHandshake;
pub use server::TestServer;
