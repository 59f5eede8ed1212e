//! A function handler that gives what nobody takes.

use sockeye::{Result, Router, WebSocket};

async fn last_word(mut socket: WebSocket) -> Result<Option<String>> {
    socket.receive_text().await
}

fn main() {
    let _: Router = Router::new().route("/", last_word);
}
