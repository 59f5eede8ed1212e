//! A method is found by its message.

use sockeye::{Context, handler};

struct Chat;

#[handler]
impl Chat {
    #[on]
    async fn say(&mut self, cx: &mut Context<Self>) {
        cx.send("hi");
    }
}

fn main() {}
