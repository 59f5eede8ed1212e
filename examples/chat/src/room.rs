//! Room: the handler of one member's connection.

use std::time::{SystemTime, UNIX_EPOCH};

use sockeye::{Broadcast, Context, Disconnect, Error, Result, handler};

use crate::message::{Joined, Left, Member, Rename, Renamed, Said, Say, Welcome};
use crate::roster::Rosters;

const NAME_CHARS_MAX: usize = 32;
const TEXT_CHARS_MAX: usize = 2_000;

pub(crate) struct Room {
    rosters: Rosters,
    room: String,
    name: String,
}

impl Room {
    pub(crate) fn new(rosters: Rosters) -> Self {
        Self {
            rosters,
            room: String::new(),
            name: String::new(),
        }
    }
}

#[handler(sends(Welcome, Joined, Left))]
impl Room {
    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        self.room = cx.param("room")?.to_owned();
        self.name = tidy_name(cx.query().get("name").as_deref().unwrap_or_default())
            .unwrap_or_else(|_| "Somebody".to_owned());
        self.rosters.enter(&self.room, cx.id(), &self.name);
        cx.reply(Welcome {
            id: cx.id().to_string(),
            name: self.name.clone(),
            room: self.room.clone(),
            members: self.rosters.members(&self.room),
        })?;
        cx.join(("room", &self.room)).await?;
        cx.broadcast_to_others(Joined(self.member(cx)))
    }

    #[on]
    async fn say(&mut self, cx: &mut Context<Self>, message: Say) -> Result<Broadcast<Said>> {
        let text = tidy_text(&message.text)?;
        let Member { id, name } = self.member(cx);
        let at = now();
        Ok(Broadcast(Said { id, name, text, at }))
    }

    #[on]
    async fn rename(
        &mut self,
        cx: &mut Context<Self>,
        message: Rename,
    ) -> Result<Broadcast<Renamed>> {
        let was = std::mem::replace(&mut self.name, tidy_name(&message.name)?);
        self.rosters.enter(&self.room, cx.id(), &self.name);
        let Member { id, name } = self.member(cx);
        Ok(Broadcast(Renamed { id, name, was }))
    }

    async fn on_disconnect(&mut self, cx: &mut Context<Self>, _: Disconnect) {
        self.rosters.leave(&self.room, cx.id());
        let left = Left(self.member(cx));
        // The room may be empty, or the server on its way out: then nobody is left to tell.
        let _ = cx
            .group(("room", &self.room))
            .and_then(|room| room.broadcast(left));
    }

    fn member(&self, cx: &Context<Self>) -> Member {
        Member {
            id: cx.id().to_string(),
            name: self.name.clone(),
        }
    }
}

fn tidy_name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.contains(char::is_control) {
        return Err(Error::refused(
            422,
            format!("a name has 1 to {NAME_CHARS_MAX} characters"),
        ));
    }
    Ok(name.to_owned())
}

fn tidy_text(text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > TEXT_CHARS_MAX {
        return Err(Error::refused(
            422,
            format!("a message has 1 to {TEXT_CHARS_MAX} characters"),
        ));
    }
    Ok(text.to_owned())
}

fn now() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
