//! The chat as routes: a page and a socket for each room, on one node or on many.

#![forbid(unsafe_code)]

mod message;
mod room;

use axum::response::Html;
use axum::routing::get;
use sockeye::{Router, endpoint};

use crate::room::Room;

/// One page for every room; it connects to `/chat/{room}`.
const PAGE: &str = include_str!("page.html");

/// The page at `/` and `/r/{room}`, and its socket at `/chat/{room}?name=..`. Rooms reach as far as the hub's groups do.
#[must_use]
pub fn routes() -> Router {
    let page = || get(|| async { Html(PAGE) });
    Router::new()
        .http("/", page())
        .http("/r/{room}", page())
        .route("/chat/{room:slug}", endpoint(Room::default))
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

    #[tokio::test(start_paused = true)]
    async fn a_new_name_is_told_to_all_with_the_old_one() {
        let server = TestServer::new(routes());
        let mut ann = enter(&server, "ann").await;
        let mut bob = enter(&server, "bob").await;
        ann.receive_json::<Value>().await;
        bob.send_json(&json!({"action": "rename", "payload": {"name": "rob"}}));
        for client in [&mut ann, &mut bob] {
            let renamed: Value = client.receive_json().await;
            assert_eq!(renamed["action"], "renamed");
            assert_eq!(renamed["payload"]["was"], "bob");
            assert_eq!(renamed["payload"]["name"], "rob");
        }
        server.shutdown().await;
    }
}
