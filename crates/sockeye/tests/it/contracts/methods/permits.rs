//! Permissions that single messages need.

use serde_json::json;
use sockeye::{
    Access, IsAuthenticated, Message, Peer, Permission, Result, Router, bearer, endpoint, handler,
    methods, rule,
};

use crate::contracts::auth::{Account, authorization, by_token};
use crate::contracts::notes::{Notes, notes};
use crate::harness::{Client, serve};

#[derive(Message)]
struct Read;

#[derive(Message)]
struct Write;

#[derive(Message)]
struct Clear;

#[derive(Message)]
#[message(outgoing)]
struct Done {
    by: &'static str,
}

/// The page of a path, and who may write on it.
#[derive(Clone)]
struct Page {
    owner: String,
}

struct IsOwner;

impl Permission<Account, Page> for IsOwner {
    async fn check(&self, access: &Access<'_, Account, Page>) -> Result<bool> {
        Ok(access
            .user
            .is_some_and(|account| account.name == access.object.owner))
    }
}

struct IsModerator;

impl<O: Sync> Permission<Account, O> for IsModerator {
    async fn check(&self, access: &Access<'_, Account, O>) -> Result<bool> {
        Ok(access.user.is_some_and(|account| account.moderator))
    }
}

/// What moderators may do on any page.
struct Moderation(Notes);

#[methods(user = Account, object = Page)]
impl Moderation {
    #[on(permit = rule(IsModerator) & !rule(IsOwner))]
    async fn clear(&mut self, _: &Peer, _: Clear) -> Done {
        self.0.write("cleared");
        Done { by: "moderation" }
    }
}

struct Editor {
    notes: Notes,
    moderation: Moderation,
}

#[handler(user = Account, object = Page, include(moderation: Moderation))]
impl Editor {
    #[on]
    fn read(&self, _: Read) -> Done {
        Done { by: "anybody" }
    }

    #[on(permit = rule(IsAuthenticated) & (rule(IsOwner) | IsModerator))]
    fn write(&self, _: Write) -> Done {
        self.notes.write("written");
        Done { by: "owner" }
    }
}

async fn answers(client: &mut Client, actions: [&str; 3]) -> Vec<u64> {
    let mut codes = Vec::new();
    for action in actions {
        client.send(json!({ "action": action }).to_string()).await;
        let told = client.json().await;
        let code = &told["payload"]["code"];
        codes.push(code.as_u64().unwrap_or(200));
        if code.is_u64() {
            assert_eq!(told["payload"]["action"], action);
        }
    }
    codes
}

#[tokio::test]
async fn c2_a_method_asks_for_its_permission_before_each_message() {
    let (notes, mut reader) = notes();
    let page = async |sockeye::Path(owner): sockeye::Path<String>| Some(Page { owner });
    let editor = endpoint(move || Editor {
        notes: notes.clone(),
        moderation: Moderation(notes.clone()),
    });
    let editor = editor
        .authenticate(bearer(by_token))
        .allow_anonymous()
        .load(page);
    let server = serve(Router::new().route("/{owner}", editor)).await;
    let actions = ["read", "write", "clear"];
    for (name, codes, happened) in [
        ("", [200, 401, 401], &[][..]),
        ("ada", [200, 200, 403], &["written"]),
        ("bob", [200, 403, 403], &[]),
        ("mod.eve", [200, 200, 200], &["written", "cleared"]),
    ] {
        let token = format!("Bearer token.of.{name}");
        let headers = authorization(&token);
        let headers = if name.is_empty() { &[][..] } else { &headers };
        let mut client = server
            .try_connect("/ada", headers)
            .await
            .expect("an upgrade");
        assert_eq!(answers(&mut client, actions).await, codes, "{name}");
        assert_eq!(
            reader.rest(),
            happened,
            "{name}: a refused method does not run"
        );
    }
}
