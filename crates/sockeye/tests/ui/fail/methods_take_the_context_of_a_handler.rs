//! A group serves handlers of many types.

use sockeye::{Context, Message, methods};

#[derive(Message)]
struct Say {
    text: String,
}

struct Talking;

#[methods]
impl Talking {
    #[on]
    async fn say(&mut self, cx: &mut Context<Self>, message: Say) {
        cx.send(message.text);
    }
}

fn main() {}
