//! Two types, one action.

use sockeye::{Message, handler};

#[derive(Message)]
struct Say {
    text: String,
}

#[derive(Message)]
#[message(action = "say")]
struct Shout {
    text: String,
}

struct Chat;

#[handler]
impl Chat {
    #[on]
    async fn say(&mut self, message: Say) {
        drop(message.text);
    }

    #[on]
    async fn shout(&mut self, message: Shout) {
        drop(message.text);
    }
}

fn main() {}
