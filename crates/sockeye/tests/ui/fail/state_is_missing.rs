//! A function handler that wants a state which its router does not have.

use axum::extract::State;
use sockeye::{Router, WebSocket};

#[derive(Clone)]
struct App;

async fn greet(State(_): State<App>, socket: WebSocket) {
    socket.send("welcome");
}

fn main() {
    let _ = Router::new().route("/", greet);
}
