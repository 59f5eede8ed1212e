//! A method belongs to the handler of one connection.

use sockeye::{Message, handler};

#[derive(Message)]
struct Say {
    text: String,
}

struct Chat;

#[handler]
impl Chat {
    #[on]
    async fn say(message: Say) {
        drop(message.text);
    }
}

fn main() {}
