//! A reply that is not the handler's outgoing type.

use sockeye::{Context, Handler, Json, Result};

#[derive(serde::Serialize)]
struct Event {
    text: String,
}

struct Room;

impl Handler for Room {
    type Incoming = String;
    type Outgoing = Json<Event>;

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        cx.reply(text)
    }
}

fn main() {}
