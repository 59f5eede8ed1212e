//! Hello: every client in a room hears what any of them says.

use sockeye::{Result, Router, WebSocket, serve};

async fn room(mut socket: WebSocket) -> Result<()> {
    socket.join(("room", socket.param("room")?)).await?;
    while let Some(text) = socket.receive_text().await? {
        socket.broadcast(text)?;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    serve("127.0.0.1:3000", Router::new().route("/rooms/{room}", room)).await
}
