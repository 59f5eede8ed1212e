//! A group name put together by hand, into which a client could put a separator.

use sockeye::{Context, Handler, Result};

struct Room;

impl Handler for Room {
    type Incoming = String;
    type Outgoing = String;

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.join(format!("room:{}", cx.param("room")?)).await
    }
}

fn main() {}
