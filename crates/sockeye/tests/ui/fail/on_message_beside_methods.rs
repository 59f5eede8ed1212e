//! The attribute makes it of the methods.

use sockeye::{Context, Message, Result, handler};

#[derive(Message)]
struct Say {
    text: String,
}

struct Chat;

#[handler]
impl Chat {
    async fn on_message(&mut self, cx: &mut Context<Self>, message: Say) -> Result<()> {
        cx.try_send(message.text)
    }
}

fn main() {}
