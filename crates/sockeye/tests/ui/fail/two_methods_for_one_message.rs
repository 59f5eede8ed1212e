//! Which of them would be called?

use sockeye::{Message, handler};

#[derive(Message)]
struct Say {
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
    async fn shout(&mut self, message: Say) {
        drop(message.text);
    }
}

fn main() {}
