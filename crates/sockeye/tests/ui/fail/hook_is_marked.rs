//! A hook takes no message of the client.

use sockeye::{Context, Result, handler};

struct Chat;

#[handler]
impl Chat {
    #[on]
    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.join("lobby").await
    }
}

fn main() {}
