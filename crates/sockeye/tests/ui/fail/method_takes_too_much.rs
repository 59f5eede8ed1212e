//! What else it needs is in the handler or the context.

use sockeye::{Context, Message, handler};

#[derive(Message)]
struct Say {
    text: String,
}

struct Chat;

#[handler]
impl Chat {
    #[on]
    async fn say(&mut self, cx: &mut Context<Self>, message: Say, loud: bool) {
        cx.send(message.text.repeat(usize::from(loud)));
    }
}

fn main() {}
