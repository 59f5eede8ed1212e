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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use sockeye::testing::{TestClient, TestServer};

    use super::*;

    async fn enter(server: &TestServer, name: &str) -> TestClient {
        let door = server.client("/chat/lobby").query("name", name);
        let mut client = door.connect().await;
        let welcome: Value = client.receive_json().await;
        assert_eq!(welcome["action"], "welcome");
        client
    }

    #[tokio::test(start_paused = true)]
    async fn members_hear_who_comes_what_is_said_and_who_goes() {
        let server = TestServer::new(routes());
        let mut ann = enter(&server, "ann").await;
        let mut bob = enter(&server, "bob").await;
        let joined: Value = ann.receive_json().await;
        assert_eq!(joined["payload"]["name"], "bob");
        bob.send_json(&json!({"action": "say", "payload": {"text": " hi "}}));
        let said: Value = ann.receive_json().await;
        assert_eq!(said["payload"]["text"], "hi");
        bob.receive_json::<Value>().await;
        bob.send_json(&json!({"action": "rename", "payload": {"name": ""}}));
        let refused: Value = bob.receive_json().await;
        assert_eq!(refused["payload"]["code"], 422);
        ann.assert_silent().await;
        bob.drop_link();
        let left: Value = ann.receive_json().await;
        assert_eq!(left["action"], "left");
        server.shutdown().await;
    }
}
