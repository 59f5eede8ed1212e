//! What the attribute takes is named.

use sockeye::{Message, handler};

#[derive(Message)]
struct Say {
    text: String,
}

struct Chat;

#[handler(send(Say))]
impl Chat {
    #[on]
    fn say(&mut self, message: Say) {
        drop(message.text);
    }
}

fn main() {}
