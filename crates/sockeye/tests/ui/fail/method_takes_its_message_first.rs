//! The connection comes before the message.

use sockeye::{Context, Message, handler};

#[derive(Message)]
struct Say {
    text: String,
}

struct Chat;

#[handler]
impl Chat {
    #[on]
    async fn say(&mut self, message: Say, cx: &mut Context<Self>) {
        cx.send(message.text);
    }
}

fn main() {}
