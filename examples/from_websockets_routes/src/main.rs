//! The program of websockets-routes' README: things by path, their parameters, and a view that answers 404 by itself.

#[cfg(test)]
mod tests;

use sockeye::{
    Context, Handler, Handshake, IntoEndpoint, Path, Rejection, Result, Router, Unmatched,
    WebSocket, endpoint, serve,
};

const THINGS: [&str; 2] = ["123", "grüße"];

/// `/thing/`: all things, each in a message.
async fn thing_list(socket: WebSocket) -> Result<()> {
    for id in THINGS {
        socket.send_text(id).await?;
    }
    Ok(())
}

/// `/thing/123`: the path, then the parameter.
async fn thing_detail(Path(id): Path<String>, socket: WebSocket) -> Result<()> {
    socket.send_text(&socket.path()).await?;
    socket.send_text(&id).await
}

/// Runs before the upgrade; what it gives is there for the function, what it refuses with is the HTTP answer.
async fn thing_exists(Path(id): Path<String>) -> Result<(), Rejection> {
    if THINGS.contains(&&*id) {
        return Ok(());
    }
    Err(Rejection::not_found(format!("thing {id:?} not found\n")))
}

/// `/view/123`: the same as a type, with a hook of its own and a method for each message.
#[derive(Default)]
struct ThingDetail {
    id: String,
}

impl Handler for ThingDetail {
    type Incoming = String;
    type Outgoing = String;

    async fn on_handshake(&mut self, handshake: &mut Handshake) -> Result<(), Rejection> {
        self.id = handshake.param("id")?.to_owned();
        thing_exists(Path(self.id.clone())).await
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, question: String) -> Result<()> {
        cx.reply(format!("{question} {}", self.id))
    }
}

fn routes(unmatched: Unmatched) -> Router {
    Router::new()
        .route("/thing/", thing_list)
        .route("/thing/{id}", thing_detail.handshake(thing_exists))
        .route("/view/{id}", endpoint(ThingDetail::default))
        .unmatched(unmatched)
}

#[tokio::main]
async fn main() -> Result<()> {
    let closes = std::env::args().any(|argument| argument == "--close-4040");
    let unmatched = if closes {
        Unmatched::AcceptThenClose
    } else {
        Unmatched::NotFound
    };
    serve("127.0.0.1:3000", routes(unmatched)).await
}
