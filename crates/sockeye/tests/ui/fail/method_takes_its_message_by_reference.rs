//! Nobody else needs the message afterwards.

use sockeye::{Context, Message, handler};

#[derive(Message)]
struct Say {
    text: String,
}

struct Chat;

#[handler]
impl Chat {
    #[on]
    async fn say(&mut self, cx: &mut Context<Self>, message: &Say) {
        cx.send(message.text.as_str());
    }
}

fn main() {}
