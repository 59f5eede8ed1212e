//! Room: the handler of one member's connection.

use std::time::{SystemTime, UNIX_EPOCH};

use sockeye::{
    Broadcast, Context, Error, Event, Group, Presence, PresenceChange, Present, Result, handler,
};

use crate::message::{Joined, Left, Member, Rename, Renamed, Said, Say, Tracked, Welcome};

const NAME_CHARS_MAX: usize = 32;
const TEXT_CHARS_MAX: usize = 2_000;

#[derive(Default)]
pub(crate) struct Room {
    room: String,
    name: String,
}

#[handler(sends(Welcome, Joined, Left))]
impl Room {
    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        self.room = cx.param("room")?.to_owned();
        self.name = tidy_name(cx.query().get("name").as_deref().unwrap_or_default())
            .unwrap_or_else(|_| "Somebody".to_owned());
        cx.join(("room", &self.room)).await?;
        let seen = Tracked {
            name: self.name.clone(),
            was: None,
        };
        cx.track(("room", &self.room), seen)?;
        cx.reply(Welcome {
            id: cx.id().to_string(),
            name: self.name.clone(),
            room: self.room.clone(),
            members: members(&cx.group(("room", &self.room))?).await?,
        })
    }

    #[on]
    async fn say(&mut self, cx: &mut Context<Self>, message: Say) -> Result<Broadcast<Said>> {
        let text = tidy_text(&message.text)?;
        let (id, name, at) = (cx.id().to_string(), self.name.clone(), now());
        Ok(Broadcast(Said { id, name, text, at }))
    }

    #[on]
    async fn rename(&mut self, cx: &mut Context<Self>, message: Rename) -> Result<Renamed> {
        let name = tidy_name(&message.name)?;
        let was = self.name.clone();
        let seen = Tracked {
            name: name.clone(),
            was: Some(was.clone()),
        };
        cx.track(("room", &self.room), seen)?;
        self.name.clone_from(&name);
        let id = cx.id().to_string();
        Ok(Renamed { id, name, was })
    }

    /// Another comes, has a new name or goes, on whichever node.
    async fn on_event(&mut self, cx: &mut Context<Self>, event: Event) -> Result<()> {
        let Some(Presence { change, who, .. }) = event.presence() else {
            return cx.try_send(event);
        };
        match change {
            PresenceChange::Joined => cx.reply(Joined(member(&who)?)),
            PresenceChange::Left => cx.reply(Left(member(&who)?)),
            _ => {
                let Tracked { name, was } = who.info()?;
                let was = was.unwrap_or_default();
                let id = who.connection.to_string();
                cx.reply(Renamed { id, name, was })
            }
        }
    }
}

/// Who is here, on all nodes.
async fn members(room: &Group) -> Result<Vec<Member>> {
    room.roster().await.iter().map(member).collect()
}

fn member(who: &Present) -> Result<Member> {
    let Tracked { name, .. } = who.info()?;
    let id = who.connection.to_string();
    Ok(Member { id, name })
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
