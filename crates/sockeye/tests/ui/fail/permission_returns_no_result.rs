//! A permission whose function gives a plain bool.

use sockeye::{Access, IntoEndpoint, WebSocket, bearer};

async fn is_ann(access: &Access<'_, String>) -> bool {
    access.user.is_some_and(|name| name == "ann")
}

async fn name(token: String) -> Option<String> {
    Some(token)
}

async fn greet(socket: WebSocket) {
    socket.send("welcome");
}

fn main() {
    let _ = IntoEndpoint::<(), _>::authenticate(greet, bearer(name)).permit(is_ann);
}
