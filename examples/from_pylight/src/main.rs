//! The programs of Pylight's page on WebSocket handlers, without the model: the default handler, one of one's own for
//! each resource, sending, and errors that stay with their connection.

#[cfg(test)]
mod tests;

use serde_json::{Value, json};
use sockeye::{Catalog, Context, Disconnect, Error, Handler, Result, Router, endpoint, serve};

/// A handler of one's own. Every hook but the ones that are written has a default.
struct Custom;

impl Handler for Custom {
    type Incoming = String;
    type Outgoing = Value;

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.reply(json!({ "status": "connected" }))
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, message: String) -> Result<()> {
        let data: Value = serde_json::from_str(&message)?;
        cx.send("Hello, client!");
        cx.send(json!({ "echo": data }));
        Ok(())
    }

    async fn on_disconnect(&mut self, cx: &mut Context<Self>, disconnect: Disconnect) {
        tracing::info!(path = %cx.path(), %disconnect, "a client has left");
    }
}

/// A handler that fails where its client tells it to.
struct Fragile;

impl Handler for Fragile {
    type Incoming = String;
    type Outgoing = Value;

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        match cx.query().get("fail") {
            Some(_) => Err(Error::new("on_connect failed")),
            None => Ok(()),
        }
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, message: String) -> Result<()> {
        if message == "fail" {
            return Err(Error::new("on_message failed"));
        }
        cx.reply(json!(message))
    }
}

/// What a configuration file says: the handler of each resource, or none for the default.
const CONFIGURATION: [(&str, Option<&str>); 3] = [
    ("products", None),
    ("orders", Some("custom")),
    ("payments", Some("fragile")),
];

/// Fails when the configuration names a handler that is not in the catalog.
fn routes(configuration: &[(&str, Option<&str>)]) -> Result<Router> {
    let catalog = Catalog::new()
        .with("custom", endpoint(|| Custom))
        .with("fragile", endpoint(|| Fragile));
    let mut routes = Router::new();
    for (resource, handler) in configuration {
        routes = routes.route_configured(&format!("/ws/{resource}"), *handler, &catalog)?;
    }
    Ok(routes)
}

#[tokio::main]
async fn main() -> Result<()> {
    serve("127.0.0.1:3000", routes(&CONFIGURATION)?).await
}
