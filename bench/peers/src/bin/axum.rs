//! The benchmark's server by hand on axum: a broadcast channel for each room, as its chat example does it.

use std::io;

use axum::Router;
use axum::extract::ws::{Message, WebSocket};
use axum::extract::{Path, State, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use axum::serve::ListenerExt;
use futures_util::{SinkExt, StreamExt};
use peers::Rooms;

fn carries(message: &Message) -> bool {
    matches!(message, Message::Text(_) | Message::Binary(_))
}

async fn echo(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(|mut socket| async move {
        while let Some(Ok(message)) = socket.recv().await {
            if carries(&message) && socket.send(message).await.is_err() {
                return;
            }
        }
    })
}

async fn group(
    upgrade: WebSocketUpgrade,
    Path(name): Path<String>,
    State(rooms): State<Rooms<Message>>,
) -> Response {
    upgrade.on_upgrade(move |socket| member(socket, rooms, name))
}

async fn member(socket: WebSocket, rooms: Rooms<Message>, name: String) {
    let (room, mut heard) = rooms.join(&name);
    let (mut sink, mut stream) = socket.split();
    let mut writing = tokio::spawn(async move {
        while let Some(message) = peers::next(&mut heard).await {
            if sink.send(message).await.is_err() {
                return;
            }
        }
    });
    let mut reading = tokio::spawn(async move {
        while let Some(Ok(message)) = stream.next().await {
            if carries(&message) {
                // Nobody to hear it: the writing half has ended, and so will this.
                let _ = room.send(message);
            }
        }
    });
    tokio::select! {
        _ = &mut writing => reading.abort(),
        _ = &mut reading => writing.abort(),
    }
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let app = Router::new()
        .route("/echo", get(echo))
        .route("/group/{name}", get(group))
        .with_state(Rooms::default());
    let listener = peers::listen().await?.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            eprintln!("cannot switch Nagle's delay off: {error}");
        }
    });
    axum::serve(listener, app).await
}
