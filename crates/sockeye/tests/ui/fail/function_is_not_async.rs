//! A function handler that is not async.

use sockeye::{Router, WebSocket};

fn greet(socket: WebSocket) {
    socket.send("welcome");
}

fn main() {
    let _: Router = Router::new().route("/", greet);
}
