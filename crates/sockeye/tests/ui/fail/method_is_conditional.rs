//! The enums would lack what the condition takes away.

use sockeye::{Message, handler};

#[derive(Message)]
struct Say {
    text: String,
}

struct Chat;

#[handler]
impl Chat {
    #[on]
    #[cfg(test)]
    async fn say(&mut self, message: Say) {
        drop(message.text);
    }
}

fn main() {}
