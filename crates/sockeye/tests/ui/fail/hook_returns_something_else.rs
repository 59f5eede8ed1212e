//! A hook of the handshake that cannot refuse.

use sockeye::{IntoEndpoint, Path, Router, WebSocket};

async fn greet(socket: WebSocket) {
    socket.send("welcome");
}

async fn exists(Path(id): Path<u64>) -> bool {
    id == 7
}

fn main() {
    let _: Router = Router::new().route("/{id:int}", greet.handshake(exists));
}
