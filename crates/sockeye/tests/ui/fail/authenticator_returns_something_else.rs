//! An authenticator that says yes or no, and not who it is.

use sockeye::{IntoEndpoint, Router, WebSocket};

async fn knows(headers: http::HeaderMap) -> bool {
    headers.contains_key("x-user")
}

async fn greet(socket: WebSocket) {
    socket.send("welcome");
}

fn main() {
    let _: Router = Router::new().route("/", greet.authenticate(knows));
}
