//! What comes in has an action.

use sockeye::handler;

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
}

fn main() {}
