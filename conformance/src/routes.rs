//! Routes: one endpoint for each thing that a probe needs, with default options unless its name says otherwise.

use std::time::Duration;

use axum::routing::get;
use sockeye::{
    Context, DeflateConfig, Disconnect, Error, Handler, Hub, Options, OriginPolicy, RawMessage,
    Result, Router, WebSocket, endpoint,
};

/// What the probes talk to.
pub(crate) fn routes() -> Router {
    let hub = Hub::new();
    let counted = hub.clone();
    let stats = get(async move || {
        let (stats, idle) = (counted.stats(), counted.group(("probe", "idle"))?.members());
        let (connections, groups) = (stats.connections, stats.groups);
        Ok::<_, Error>(format!(
            "connections {connections}\ngroups {groups}\nidle {idle}\n"
        ))
    });
    Router::new()
        .hub(&hub)
        .http("/stats", stats)
        .route("/echo", endpoint(|| Echo))
        .route("/function", function)
        .route("/group/{name}", endpoint(|| Relay))
        .route("/panic/{hook}", endpoint(|| Panics))
        .route(
            "/subprotocols",
            endpoint(|| Echo).subprotocols(["chat.v2", "chat.v1"]),
        )
        .route("/unrated", endpoint(|| Echo).options(unrated()))
        .route("/hasty", endpoint(|| Echo).options(hasty()))
        .route("/takeover", endpoint(|| Echo).options(takeover()))
        .nest("/origin", origins())
}

fn origins() -> Router {
    let listed = OriginPolicy::allow(["https://app.example", "https://*.pages.example:8443"]);
    let forwarded = OriginPolicy::same_origin().trust_forwarded(true);
    let required = OriginPolicy::same_origin().require_origin(true);
    Router::new()
        .route("/listed", endpoint(|| Echo).origin(listed))
        .route("/forwarded", endpoint(|| Echo).origin(forwarded))
        .route("/required", endpoint(|| Echo).origin(required))
        .route("/any", endpoint(|| Echo).origin(OriginPolicy::any()))
}

/// For probes of what comes after the first 200 messages.
fn unrated() -> Options {
    let mut options = Options::default();
    options.rate = None;
    options
}

/// For probes of deadlines that are long by default.
fn hasty() -> Options {
    let mut options = Options::default();
    options.message_timeout = Duration::from_millis(300);
    options.heartbeat.interval = Duration::from_millis(300);
    options.heartbeat.timeout = Duration::from_millis(300);
    options
}

fn takeover() -> Options {
    let mut options = Options::default();
    let both = DeflateConfig::default()
        .server_context_takeover(true)
        .client_context_takeover(true);
    options.compression = Some(both);
    options
}

/// Sends every message back.
struct Echo;

impl Handler for Echo {
    type Incoming = RawMessage;
    type Outgoing = RawMessage;

    async fn on_message(&mut self, cx: &mut Context<Self>, message: RawMessage) -> Result<()> {
        cx.reply(message)
    }
}

/// The same as a function.
async fn function(mut socket: WebSocket) -> Result<()> {
    while let Some(message) = socket.receive().await {
        socket.send_message(message).await?;
    }
    Ok(())
}

/// Hands every message to all members of its group.
struct Relay;

impl Handler for Relay {
    type Incoming = RawMessage;
    type Outgoing = RawMessage;

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.join(("probe", cx.param("name")?)).await
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, message: RawMessage) -> Result<()> {
        cx.broadcast(message)
    }
}

/// Panics or fails in the hook that its path names.
struct Panics;

impl Panics {
    fn reach(cx: &Context<Self>, hook: &str) {
        assert!(
            cx.param("hook").ok() != Some(hook),
            "{hook} panics, as asked"
        );
    }
}

impl Handler for Panics {
    type Incoming = RawMessage;
    type Outgoing = RawMessage;

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        Self::reach(cx, "connect");
        Ok(())
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, message: RawMessage) -> Result<()> {
        Self::reach(cx, "message");
        if cx.param("hook")? == "error" {
            return Err(Error::new("the secret name of the database"));
        }
        cx.reply(message)
    }

    async fn on_disconnect(&mut self, cx: &mut Context<Self>, _: Disconnect) {
        Self::reach(cx, "disconnect");
    }
}
