//! A value that is sent without a wire form.

use sockeye::WebSocket;

#[derive(serde::Serialize)]
struct Event {
    text: String,
}

async fn greet(socket: WebSocket) {
    socket.send(Event { text: "hi".to_owned() });
}

fn main() {
    let _ = greet;
}
