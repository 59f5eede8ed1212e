//! Members' chat: rooms for their members alone, who sign in by a token.

use sockeye::{Access, Broadcast, Context, Message, Path, Result, Router};
use sockeye::{bearer, endpoint, handler, serve};

#[derive(Message, garde::Validate)]
struct Say(#[garde(length(min = 1, max = 2000))] String);

#[derive(Message)]
struct Said {
    by: String,
    text: String,
}

/// Who is in a room; a database would know, as it would the owner of a token.
type Members = Vec<String>;

async fn members(Path(room): Path<String>) -> Option<Members> {
    (room == "lobby").then(|| vec!["ann".to_owned(), "bob".to_owned()])
}

async fn owner(token: String) -> Option<String> {
    token.strip_prefix("token-of-").map(str::to_owned)
}

async fn is_member(access: &Access<'_, String, Members>) -> Result<bool> {
    Ok(access.user.is_some_and(|user| access.object.contains(user)))
}

struct Chat;

#[handler]
impl Chat {
    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.join(("room", cx.param("room")?)).await
    }

    #[on]
    async fn say(&self, cx: &Context<Self>, Say(text): Say) -> Result<Broadcast<Said>> {
        let by = cx.user::<String>()?.clone();
        Ok(Broadcast(Said { by, text }))
    }
}

fn routes() -> Router {
    let tokens = bearer(owner).or_query("token");
    let chat = endpoint(|| Chat).authenticate(tokens);
    Router::new().route("/chat/{room}", chat.load(members).permit(is_member))
}

#[tokio::main]
async fn main() -> Result<()> {
    serve("127.0.0.1:3000", routes()).await
}

#[cfg(test)]
#[tokio::test]
async fn members_hear_each_other_and_strangers_stay_out() {
    let server = sockeye::testing::TestServer::new(routes());
    let mut ann = server.connect("/chat/lobby?token=token-of-ann").await;
    let bob = server.connect("/chat/lobby?token=token-of-bob").await;
    bob.send(Say("hi".to_owned()));
    assert_eq!(ann.expect::<Said>().await.by, "bob");
    ann.send(Say(String::new()));
    let error = ann.receive_json::<serde_json::Value>().await;
    assert_eq!(error["payload"]["code"], 422);
    for (query, status) in [("", 401), ("?token=token-of-eve", 403)] {
        let path = format!("/chat/lobby{query}");
        let refused = server.client(&path).try_connect().await;
        assert_eq!(refused.unwrap_err().status, status);
    }
}
