//! The chat of axum-realtime-kit: direct replies and broadcasts, shared state, users by token, loads that are merged.

mod app;
#[cfg(test)]
mod tests;

use axum::extract::State;
use sockeye::{
    Broadcast, Context, Disconnect, Error, GroupName, Message, Path, Rejection, Result, Router,
    bearer, endpoint_with, handler, serve,
};

use crate::app::{App, UserId};

#[derive(Message)]
struct GetTopic;

#[derive(Message)]
struct SendMessage {
    text: String,
}

#[derive(Debug, PartialEq, Message)]
struct Topic {
    title: String,
    messages: u64,
}

#[derive(Debug, PartialEq, Message)]
struct Sent {
    number: u64,
}

#[derive(Debug, PartialEq, Message)]
struct NewMessage {
    by: UserId,
    text: String,
}

/// The handler of one connection; what all of them share is in `App`.
struct Chat {
    app: App,
}

#[handler]
impl Chat {
    /// Its topics are live before `on_connect` runs.
    fn groups(&self, cx: &Context<Self>) -> Result<Vec<GroupName>> {
        Ok(vec![GroupName::new(["topic", cx.param("topic")?])?])
    }

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        let user: &UserId = cx.user()?;
        tracing::info!(id = %cx.id(), user, topics = ?cx.groups(), "connected");
        Ok(())
    }

    /// A direct reply.
    #[on]
    async fn get_topic(&mut self, cx: &Context<Self>, _: GetTopic) -> Result<Topic> {
        let title = self.app.title(cx.param("topic")?).await?;
        let messages = self.app.messages();
        Ok(Topic { title, messages })
    }

    /// A direct reply, then a broadcast; or an error with a status.
    #[on]
    async fn send_message(
        &mut self,
        cx: &Context<Self>,
        message: SendMessage,
    ) -> Result<(Sent, Broadcast<NewMessage>)> {
        if message.text.is_empty() {
            return Err(Error::refused(422, "say something"));
        }
        let sent = Sent {
            number: self.app.count_message(),
        };
        let by = *cx.user()?;
        Ok((
            sent,
            Broadcast(NewMessage {
                by,
                text: message.text,
            }),
        ))
    }

    async fn on_disconnect(&mut self, cx: &mut Context<Self>, disconnect: Disconnect) {
        tracing::info!(id = %cx.id(), %disconnect, "disconnected");
    }
}

async fn chat(State(app): State<App>) -> Chat {
    Chat { app }
}

/// Runs before the upgrade: the kit's validator.
async fn topic_is_open(Path(topic): Path<String>) -> Result<(), Rejection> {
    match topic.as_str() {
        "closed" => Err(Rejection::forbidden("this topic is closed")),
        _ => Ok(()),
    }
}

/// The kit's `TokenValidator`.
async fn user_of(token: String) -> Option<UserId> {
    token.strip_prefix("user-")?.parse().ok()
}

fn routes(app: App) -> Router<App> {
    let tokens = bearer(user_of).or_query("token");
    let chat = endpoint_with(chat)
        .authenticate(tokens)
        .handshake(topic_is_open);
    Router::with_state(app).route("/ws/{topic:slug}", chat)
}

#[tokio::main]
async fn main() -> Result<()> {
    serve("127.0.0.1:3000", routes(App::default())).await
}
