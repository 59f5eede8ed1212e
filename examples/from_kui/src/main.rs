//! The programs of Kui's page on WebSockets: a function that echoes JSON, views by encoding, the attributes of a socket.

#[cfg(test)]
mod tests;

use serde_json::{Value, json};
use sockeye::{
    CloseCode, Context, Disconnect, Handler, Handshake, Incoming, Json, Outgoing, Rejection,
    Result, Router, WebSocket, endpoint, serve,
};

/// A function handler. Returning closes with 1000, an error with 1011, another encoding with 1003.
async fn simple_echo(mut socket: WebSocket) -> Result<()> {
    while let Some(message) = socket.receive_json::<Value>().await? {
        socket.send_json(&message).await?;
    }
    Ok(())
}

/// A view: its encoding is the type of its messages.
struct View<Encoding> {
    last: Option<Encoding>,
    kept: usize,
}

impl<Encoding> Default for View<Encoding> {
    fn default() -> Self {
        Self {
            last: None,
            kept: 0,
        }
    }
}

impl<Encoding: Incoming + Outgoing + Clone + Sync> Handler for View<Encoding> {
    type Incoming = Encoding;
    type Outgoing = Encoding;

    /// Kui's `on_connect`, as far as it accepts, refuses or chooses a subprotocol.
    async fn on_handshake(&mut self, handshake: &mut Handshake) -> Result<(), Rejection> {
        if handshake.query().get("refuse").is_some() {
            return Err(Rejection::forbidden("not today"));
        }
        let offered = handshake.offered_subprotocols().any(|name| name == "kui");
        if offered {
            handshake.accept_subprotocol("kui")?;
        }
        Ok(())
    }

    /// Once it is accepted.
    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.send("welcome");
        Ok(())
    }

    /// Kui's `on_receive`.
    async fn on_message(&mut self, cx: &mut Context<Self>, data: Encoding) -> Result<()> {
        self.kept += usize::from(self.last.replace(data.clone()).is_some());
        cx.reply(data)
    }

    async fn on_disconnect(&mut self, cx: &mut Context<Self>, disconnect: Disconnect) {
        let code = disconnect.code().map_or(0, u16::from);
        let (id, kept) = (cx.id(), self.kept);
        tracing::info!(%id, code, kept, "a view was left");
    }
}

/// The attributes of a WebSocket object.
async fn attributes(mut socket: WebSocket) -> Result<()> {
    let user = socket.query().get("name").map(|name| name.into_owned());
    socket
        .state_mut()
        .set(user.unwrap_or_else(|| "Alice".to_owned()));

    let url = socket.url();
    let facts = json!({
        "url": { "scheme": url.scheme(), "host": url.host(), "port": url.port(), "path": url.path() },
        "path_params": { "id": socket.params().get::<u64>("id")? },
        "headers": socket.headers().get_all("X-Tag").collect::<Vec<_>>(),
        "query_params": socket.query().get_all("search").collect::<Vec<_>>(),
        "client": socket.address().map(|client| json!({ "host": client.ip(), "port": client.port() })),
        "cookies": { "mycookie": socket.cookies().get("mycookie") },
        "state": socket.state().get::<String>(),
    });
    socket.send_json(&facts).await?;

    let removed = socket.state_mut().remove::<String>();
    let left = socket.state().get::<String>();
    socket
        .send_json(&json!({ "removed": removed, "left": left }))
        .await?;
    socket.close(CloseCode::NORMAL, "that is all");
    Ok(())
}

fn routes() -> Router {
    Router::new()
        .route("/echo", simple_echo)
        .route("/text", endpoint(View::<String>::default))
        .route("/bytes", endpoint(View::<Vec<u8>>::default))
        .route("/json", endpoint(View::<Json<Value>>::default))
        .route("/anystr", endpoint(View::<sockeye::RawMessage>::default))
        .route("/attributes/{id:int}", attributes)
}

#[tokio::main]
async fn main() -> Result<()> {
    serve("127.0.0.1:3000", routes()).await
}
