//! What goes back has an action too.

use sockeye::{Message, Result, handler};

#[derive(Message)]
struct Say {
    text: String,
}

struct Chat;

#[handler]
impl Chat {
    #[on]
    async fn say(&mut self, message: Say) -> Result<usize> {
        Ok(message.text.len())
    }
}

fn main() {}
