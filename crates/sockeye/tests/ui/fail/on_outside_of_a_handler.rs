//! A mark without a block that takes it.

use sockeye::{Message, on};

#[derive(Message)]
struct Say {
    text: String,
}

struct Chat;

impl Chat {
    #[on]
    fn say(&mut self, message: Say) {
        drop(message.text);
    }
}

fn main() {}
