//! Node: one server of the chat, which shares its rooms with the others at the broker.

use std::time::Duration;

use axum::routing::get;
use sockeye::{App, Result, Server};

use crate::broker::hub;

/// What one node is told.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it listens: `127.0.0.1:3000`, unless told otherwise; port 0 takes a free one.
    pub address: String,
    /// The broker's URL; none by default.
    pub broker: String,
    /// How long another node may be silent before its people are gone; the framework's own unless told otherwise.
    pub lease: Option<Duration>,
}

impl Default for Node {
    fn default() -> Self {
        Self {
            address: "127.0.0.1:3000".to_owned(),
            broker: String::new(),
            lease: None,
        }
    }
}

impl Node {
    /// Serves until the process is told to end. Prints where the chat is, and when the other nodes are heard.
    ///
    /// # Errors
    /// When it cannot listen, or the broker's URL is none.
    #[expect(
        clippy::print_stdout,
        reason = "whoever started it waits for these lines"
    )]
    pub async fn run(self) -> Result<()> {
        let hub = hub(&self.broker, self.lease)?;
        let server = Server::bind(self.address).await?;
        println!("chat: http://{}/", server.address()?);
        let heard = hub.clone();
        tokio::spawn(async move {
            heard.ready().await;
            println!("chat: ready");
        });
        let ready = get(|app: App| async move { app.hub().readiness() });
        let routes = chat::routes().hub(&hub).http("/ready", ready);
        server.run_until_signal(routes).await
    }
}
