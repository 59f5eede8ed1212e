//! A function handler whose socket is not its last argument.

use sockeye::{Path, Router, WebSocket};

async fn greet(socket: WebSocket, Path(name): Path<String>) {
    socket.send(name);
}

fn main() {
    let _: Router = Router::new().route("/{name}", greet);
}
