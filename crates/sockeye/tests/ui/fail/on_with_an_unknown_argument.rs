//! What the mark takes is named.

use sockeye::{Message, handler};

#[derive(Message)]
struct Say {
    text: String,
}

struct Chat;

#[handler]
impl Chat {
    #[on(action = "say")]
    fn say(&mut self, message: Say) {
        drop(message.text);
    }
}

fn main() {}
