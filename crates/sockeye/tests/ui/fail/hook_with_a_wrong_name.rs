//! It would never be called.

use sockeye::{Context, Message, Result, handler};

#[derive(Message)]
struct Say {
    text: String,
}

struct Chat;

#[handler]
impl Chat {
    async fn on_conect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.join("lobby").await
    }

    #[on]
    async fn say(&mut self, message: Say) {
        drop(message.text);
    }
}

fn main() {}
