//! What is sent by other ways than an answer is named.

use sockeye::{Context, Message, Result, handler};

#[derive(Message)]
struct Say {
    text: String,
}

#[derive(Message)]
struct Joined;

struct Chat;

#[handler]
impl Chat {
    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.reply(Joined)
    }

    #[on]
    async fn say(&mut self, message: Say) -> Say {
        message
    }
}

fn main() {}
