//! A permission for rooms at an endpoint that loads none.

use sockeye::{Access, IntoEndpoint, Permission, Result, WebSocket, bearer};

struct Room {
    members: Vec<String>,
}

struct IsMember;

impl Permission<String, Room> for IsMember {
    async fn check(&self, access: &Access<'_, String, Room>) -> Result<bool> {
        Ok(access.user.is_some_and(|name| access.object.members.contains(name)))
    }
}

async fn name(token: String) -> Option<String> {
    Some(token)
}

async fn greet(socket: WebSocket) {
    socket.send("welcome");
}

fn main() {
    let _ = IntoEndpoint::<(), _>::authenticate(greet, bearer(name)).permit(IsMember);
}
