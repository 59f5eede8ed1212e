//! Axum mount: a REST endpoint and a socket in one axum application; what is posted reaches every socket.

use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use sockeye::{CloseCode, Hub, WebSocket};
use tokio::net::TcpListener;
use tower::limit::ConcurrencyLimitLayer;

#[derive(serde::Deserialize)]
struct Notice {
    text: String,
}

/// `POST /notices {"text": ".."}` tells everybody who watches.
async fn publish(State(hub): State<Hub>, Json(notice): Json<Notice>) -> Result<String, String> {
    let watchers = hub.group("watchers").map_err(|error| error.to_string())?;
    watchers
        .broadcast(notice.text)
        .map_err(|error| error.to_string())?;
    Ok(format!(
        "told {} watchers on this node\n",
        watchers.members()
    ))
}

/// `/ws/watch` hears every notice.
async fn watch(socket: WebSocket) -> sockeye::Result<()> {
    socket.join("watchers").await?;
    socket.closed().await;
    Ok(())
}

/// The application, and the hub of its sockets.
fn application() -> (Router, Hub) {
    let sockets = sockeye::Router::new().route("/watch", watch).into_service();
    let hub = sockets.hub().clone();
    let app = Router::new()
        .route("/notices", post(publish))
        .nest_service("/ws", sockets)
        .layer(ConcurrencyLimitLayer::new(1024))
        .with_state(hub.clone());
    (app, hub)
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "says where it listens")]
async fn main() -> std::io::Result<()> {
    let (app, hub) = application();

    let listener = TcpListener::bind(
        std::env::args()
            .nth(1)
            .as_deref()
            .unwrap_or("127.0.0.1:3000"),
    )
    .await?;
    let address = listener.local_addr()?;
    println!(
        "curl -X POST http://{address}/notices -H 'content-type: application/json' -d '{{\"text\":\"hi\"}}'"
    );
    println!("sockets: ws://{address}/ws/watch");
    // Without the connect info, sockets would not know their client's address.
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    let ending = async move {
        drop(tokio::signal::ctrl_c().await);
        // Before axum waits for its connections: those of HTTP/2 last as long as the sockets on them.
        hub.drain(CloseCode::RESTART, Duration::from_secs(2)).await;
    };
    axum::serve(listener, app)
        .with_graceful_shutdown(ending)
        .await
}

#[cfg(test)]
mod tests {
    use sockeye::testing::TestServer;

    use super::*;

    #[tokio::test]
    async fn what_is_posted_reaches_every_socket() {
        let (app, hub) = application();
        let server = TestServer::new(sockeye::Router::new().hub(&hub).fallback(app));
        let mut watcher = server.connect("/ws/watch").await;
        let notice = http::Request::post("/notices")
            .header("content-type", "application/json")
            .body(r#"{"text": "dinner"}"#)
            .expect("a request");
        let response = server.http(notice).await;
        assert_eq!(response.body(), "told 1 watchers on this node\n");
        assert_eq!(watcher.receive_text().await, "dinner");
        server.shutdown().await;
    }
}
