//! A loader that cannot say that there is nothing.

use sockeye::{IntoEndpoint, Path, Router, WebSocket};

async fn room(Path(name): Path<String>) -> String {
    name
}

async fn greet(socket: WebSocket) {
    socket.send("welcome");
}

fn main() {
    let _: Router = Router::new().route("/{room}", greet.load(room));
}
