//! A permission that asks for users at an endpoint that has none.

use sockeye::{IntoEndpoint, IsAuthenticated, Router, WebSocket};

async fn greet(socket: WebSocket) {
    socket.send("welcome");
}

fn main() {
    let _: Router = Router::new().route("/", greet.permit(IsAuthenticated));
}
