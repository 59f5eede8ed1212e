//! A mistake in a body is told there.

use sockeye::{Context, Message, handler};

#[derive(Message)]
struct Say {
    text: String,
}

struct Chat;

#[handler]
impl Chat {
    #[on]
    async fn say(&mut self, cx: &mut Context<Self>, message: Say) {
        let length: String = message.text.len();
        cx.send(length);
    }
}

fn main() {}
