//! Chat: rooms by url, names, who is here; open the printed address in two windows.

mod message;
mod room;
mod roster;

use axum::response::Html;
use axum::routing::get;
use sockeye::{Result, Router, Server, endpoint};

use crate::room::Room;
use crate::roster::Rosters;

/// One page for every room; it connects to `/chat/{room}`.
const PAGE: &str = include_str!("page.html");

fn routes() -> Router {
    let rosters = Rosters::default();
    let page = || get(|| async { Html(PAGE) });
    Router::new()
        .http("/", page())
        .http("/r/{room}", page())
        .route(
            "/chat/{room:slug}",
            endpoint(move || Room::new(rosters.clone())),
        )
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "says where the chat is")]
async fn main() -> Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter("warn")
        .with_writer(std::io::stderr)
        .init();
    let mut arguments = std::env::args()
        .skip_while(|argument| argument != "--addr")
        .skip(1);
    let address = arguments
        .next()
        .unwrap_or_else(|| "127.0.0.1:3000".to_owned());
    let server = Server::bind(address).await?;
    println!("chat: http://{}/", server.address()?);
    server.run_until_signal(routes()).await
}
