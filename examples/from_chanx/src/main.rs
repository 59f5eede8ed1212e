//! The programs of Chanx's page on consumers: rooms behind sessions and tokens, object permission, groups, validation,
//! completion.

mod account;
mod chat;
#[cfg(test)]
mod tests;

use axum::Extension;
use axum::routing::post;
use sockeye::{
    Message, Options, Path, Pattern, Refusal, Rejection, Result, Router, WebSocket, endpoint,
    handler, serve, session, token,
};
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};

use crate::account::{Account, is_member, room};
use crate::chat::Chat;

/// The class attributes of a consumer, for all of them.
fn options() -> Options {
    let mut options = Options::default();
    options.completion = true;
    options.authentication_frame = true;
    options.refusal = Refusal::AcceptThenClose;
    options.flush_each = true;
    options.log_ignored = vec!["ping".to_owned(), "pong".to_owned()];
    options
}

/// `POST /login/{name}`, as a Django view would sign in.
async fn login(Path(name): Path<String>, session: Extension<Session>) -> Result<(), Rejection> {
    let kept = session.insert("account", name).await;
    kept.map_err(Rejection::internal)
}

#[derive(Message)]
struct Ping;

#[derive(Message)]
struct Pong;

/// The minimal consumer. Without this method `ping` would be answered all the same.
struct Minimal;

#[handler]
impl Minimal {
    #[on]
    async fn ping(&mut self, _: Ping) -> Pong {
        Pong
    }
}

/// A route by regular expression: whoever `user_id` is hears what is published for it, and for everybody.
async fn notifications(Path(user_id): Path<String>, socket: WebSocket) -> Result<()> {
    socket.join(("user", user_id)).await?;
    socket.join("announcements").await?;
    socket.closed().await;
    Ok(())
}

/// The application's routing module.
fn chat_routes() -> Router {
    let chat = endpoint(Chat::default)
        .authenticate((session("account", Account::find), token(Account::by_token)))
        .load(room)
        .permit(is_member);
    Router::new().route("/{room}/", chat)
}

fn routes() -> Router {
    let by_user = Pattern::regex(r"/notifications/(?P<user_id>\w+)/");
    #[expect(
        clippy::expect_used,
        reason = "a mistake here is found by the first test"
    )]
    let by_user = by_user.expect("a regular expression");
    Router::new()
        .options(options())
        .route("/ws/", endpoint(|| Minimal))
        .nest("/ws/chat", chat_routes())
        .nest("/ws", Router::new().route(by_user, notifications))
        .http("/login/{name}", post(login))
        .layer(SessionManagerLayer::new(MemoryStore::default()).with_secure(false))
}

#[tokio::main]
async fn main() -> Result<()> {
    serve("127.0.0.1:3000", routes()).await
}
