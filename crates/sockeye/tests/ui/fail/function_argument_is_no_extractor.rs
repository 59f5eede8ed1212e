//! A function handler with an argument that is not taken from requests.

use sockeye::{Router, WebSocket};

async fn greet(name: String, socket: WebSocket) {
    socket.send(name);
}

fn main() {
    let _: Router = Router::new().route("/", greet);
}
