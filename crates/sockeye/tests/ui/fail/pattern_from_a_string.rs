//! A route whose pattern is an owned string.

use sockeye::{Router, WebSocket};

async fn greet(socket: WebSocket) {
    socket.send("welcome");
}

fn main() {
    let prefix = "chat";
    let _: Router = Router::new().route(format!("/{prefix}/greet"), greet);
}
