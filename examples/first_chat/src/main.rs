//! First chat: whoever is in a room hears what is said there.

#[cfg(test)]
mod tests;

use sockeye::{Broadcast, Context, Message, Result, Router, endpoint, handler, serve};

#[derive(Message)]
struct Say {
    text: String,
}

#[derive(Message)]
struct Said {
    text: String,
}

struct Chat;

#[handler]
impl Chat {
    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.join(("room", cx.param("room")?)).await
    }

    #[on]
    async fn say(&mut self, message: Say) -> Broadcast<Said> {
        Broadcast(Said { text: message.text })
    }
}

fn routes() -> Router {
    Router::new().route("/chat/{room:slug}", endpoint(|| Chat))
}

#[tokio::main]
async fn main() -> Result<()> {
    serve("127.0.0.1:3000", routes()).await
}
