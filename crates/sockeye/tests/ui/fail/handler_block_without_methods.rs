//! A block of hooks alone takes no message.

use sockeye::{Context, Result, handler};

struct Chat;

#[handler]
impl Chat {
    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.join("lobby").await
    }
}

fn main() {}
