//! The next message needs the handler too.

use sockeye::{Message, handler};

#[derive(Message)]
struct Say {
    text: String,
}

struct Chat;

#[handler]
impl Chat {
    #[on]
    async fn say(self, message: Say) {
        drop(message.text);
    }
}

fn main() {}
