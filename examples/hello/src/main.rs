//! Hello: greets whoever sends a name.

#[cfg(test)]
mod tests;

use sockeye::{RawMessage, Router, WebSocket, serve};

async fn hello(mut socket: WebSocket) {
    while let Some(RawMessage::Text(name)) = socket.receive().await {
        socket.send(format!("hello, {name}"));
    }
}

#[tokio::main]
async fn main() -> sockeye::Result<()> {
    serve("127.0.0.1:3000", Router::new().route("/hello", hello)).await
}
