//! Authentication and permission: who gets in, how the others are told, and how those who are in go again.

mod authenticators;
mod credentials;
mod expiry;
#[cfg(feature = "jwt")]
mod jwt;
mod nodes;
mod objects;
mod permissions;
mod refusals;
mod sessions;
mod subprotocol;
mod tickets;
mod users;

use std::borrow::Cow;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sockeye::{Context, Handler, Rejection, Result, User};

use crate::harness::{Client, Running};

/// An account of the tests: everybody's password is `secret of <name>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) moderator: bool,
}

impl Account {
    pub(crate) fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            moderator: name.starts_with("mod"),
        }
    }
}

impl User for Account {
    fn user_id(&self) -> Cow<'_, str> {
        Cow::from(&self.name)
    }
}

/// Knows the tokens `token of <name>` with dots for blanks; `broken` fails, `stop` is refused.
pub(crate) async fn by_token(token: String) -> Result<Option<Account>, Rejection> {
    match token.as_str() {
        "broken" => Err(Rejection::internal("the password is 1234")),
        "stop" => Err(Rejection::forbidden("this account is closed")),
        token => Ok(token.strip_prefix("token.of.").map(Account::named)),
    }
}

/// Greets its user by name, and echoes.
pub(crate) struct Greeter;

impl Handler for Greeter {
    type Incoming = String;
    type Outgoing = String;

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        let name = cx
            .user::<Account>()
            .map_or("nobody", |account| &account.name);
        cx.reply(format!("hello {name}"))
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        cx.reply(text)
    }
}

/// An `Authorization` header.
pub(crate) fn authorization(value: &str) -> [(&str, &str); 1] {
    [("authorization", value)]
}

pub(crate) fn basic_of(name: &str, password: &str) -> String {
    format!(
        "Basic {}",
        BASE64_STANDARD.encode(format!("{name}:{password}"))
    )
}

/// What a client sends along with its handshake.
pub(crate) type Sent<'a> = &'a [(&'a str, &'a str)];

/// A client with these headers, which must be let in.
pub(crate) async fn enter(server: &Running, path: &str, headers: Sent<'_>) -> Client {
    let client = server.try_connect(path, headers).await;
    client.unwrap_or_else(|refused| panic!("{path} was refused with {}", refused.status()))
}
