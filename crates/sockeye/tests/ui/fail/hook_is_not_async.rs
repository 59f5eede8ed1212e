//! Hooks of a block are those of the trait.

use sockeye::{Context, Message, Result, handler};

#[derive(Message)]
struct Say {
    text: String,
}

struct Chat;

#[handler]
impl Chat {
    fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.send("welcome");
        Ok(())
    }

    #[on]
    async fn say(&mut self, message: Say) {
        drop(message.text);
    }
}

fn main() {}
