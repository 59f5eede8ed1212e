//! A message has actions of its own.

use sockeye::{Message, handler};

struct Chat;

#[handler]
impl Chat {
    #[on]
    async fn say<M: Message>(&mut self, message: M) {
        drop(message);
    }
}

fn main() {}
