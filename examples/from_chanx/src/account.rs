//! Accounts and rooms: who may come in, and to what. A database would know them.

use std::borrow::Cow;

use sockeye::{Access, Path, Permission, Result, User};

#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) name: String,
    moderator: bool,
}

impl User for Account {
    /// Messages are somebody's by this.
    fn user_id(&self) -> Cow<'_, str> {
        Cow::from(&self.name)
    }
}

impl Account {
    #[expect(clippy::unused_async, reason = "a database would be awaited")]
    pub(crate) async fn find(name: String) -> Option<Self> {
        let moderator = name == "ann";
        let known = ["ann", "bob", "eve"].contains(&name.as_str());
        known.then_some(Self { name, moderator })
    }

    /// `Authorization: Token token-of-bob`.
    pub(crate) async fn by_token(token: String) -> Option<Self> {
        Self::find(token.strip_prefix("token-of-")?.to_owned()).await
    }
}

#[derive(Clone)]
pub(crate) struct Room {
    pub(crate) name: String,
    members: Vec<&'static str>,
}

/// The queryset: the object that the path is about, or a 404.
pub(crate) async fn room(Path(name): Path<String>) -> Option<Room> {
    let members = match name.as_str() {
        "room1" => vec!["ann", "bob"],
        "room2" => vec!["bob"],
        _ => return None,
    };
    Some(Room { name, members })
}

/// `has_object_permission`.
pub(crate) async fn is_member(access: &Access<'_, Account, Room>) -> Result<bool> {
    let is = |account: &Account| access.object.members.contains(&account.name.as_str());
    Ok(access.user.is_some_and(is))
}

/// `has_permission`, asked for single messages.
#[derive(Clone, Copy)]
pub(crate) struct IsModerator;

impl<O: Sync> Permission<Account, O> for IsModerator {
    async fn check(&self, access: &Access<'_, Account, O>) -> Result<bool> {
        Ok(access.user.is_some_and(|account| account.moderator))
    }
}
