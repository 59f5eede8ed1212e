//! The benchmark's groups on axum-realtime-kit 0.1, whose nodes meet at a Redis: the port, then its URL.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use axum::serve::ListenerExt;
use axum_realtime_kit::prelude::{
    ConnectionContext, MessageHandler, WebsocketService, upgrade_handler,
};
use axum_realtime_kit::ws::handler::HandlerError;
use serde_json::value::RawValue;

/// Broadcasts what it gets. The kit takes JSON alone; this leaves it as it is.
struct Member;

#[async_trait::async_trait]
impl MessageHandler for Member {
    type ClientMessage = Box<RawValue>;
    type ServerEvent = Box<RawValue>;
    type AppState = ();
    type UserId = ();

    async fn handle_broadcast_message(
        &self,
        message: Self::ClientMessage,
        _: &ConnectionContext<Self::AppState, Self::UserId>,
    ) -> Result<Option<Self::ServerEvent>, HandlerError> {
        Ok(Some(message))
    }
}

type Service = Arc<WebsocketService<Member>>;

async fn group(
    upgrade: WebSocketUpgrade,
    Path(name): Path<String>,
    service: State<Service>,
) -> Response {
    upgrade_handler(upgrade, service, (), name, |_, (), _| async { Ok(()) }).await
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let url = std::env::args()
        .nth(2)
        .unwrap_or_else(|| "redis://127.0.0.1:6379".to_owned());
    let service = WebsocketService::new(&url, Member, Arc::new(()));
    let app = Router::new()
        .route("/group/{name}", get(group))
        .with_state(service);
    let listener = peers::listen().await?.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            eprintln!("cannot switch Nagle's delay off: {error}");
        }
    });
    axum::serve(listener, app).await
}
