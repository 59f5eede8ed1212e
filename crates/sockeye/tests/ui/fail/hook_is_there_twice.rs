//! Which of them would be called?

use sockeye::{Context, Message, Result, handler};

#[derive(Message)]
struct Say {
    text: String,
}

struct Chat;

#[handler]
impl Chat {
    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.join("lobby").await
    }

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.join("garden").await
    }

    #[on]
    async fn say(&mut self, message: Say) {
        drop(message.text);
    }
}

fn main() {}
