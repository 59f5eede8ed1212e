//! Chat: the consumer of a room, method by method what the page shows.

use sockeye::{
    Broadcast, BroadcastToOthers, Context, Disconnect, Error, GroupName, Message, Result, handler,
};

use crate::account::{Account, IsModerator, Room};

/// `{"action":"chat","payload":"Hello"}`
#[derive(Message, garde::Validate)]
pub(crate) struct Say(#[garde(length(min = 1, max = 500))] pub(crate) String);

#[derive(Debug, PartialEq, Message)]
#[message(action = "chat_response")]
pub(crate) struct Received(pub(crate) String);

/// A group message: its receivers are told `is_mine` and `is_current`.
#[derive(Message)]
#[message(marked)]
pub(crate) struct Said {
    pub(crate) by: String,
    pub(crate) text: String,
}

#[derive(Message)]
pub(crate) struct Shout(pub(crate) String);

#[derive(Message)]
pub(crate) struct Announce(pub(crate) String);

#[derive(Debug, PartialEq, Message)]
pub(crate) struct Announcement(pub(crate) String);

#[derive(Message)]
pub(crate) struct Divide {
    pub(crate) by: i32,
}

#[derive(Debug, PartialEq, Message)]
pub(crate) struct Quotient(pub(crate) i32);

#[derive(Message)]
pub(crate) struct WhereAmI;

#[derive(Debug, PartialEq, Message)]
pub(crate) struct Facts {
    pub(crate) user: String,
    pub(crate) room: String,
    pub(crate) path: String,
    pub(crate) language: Option<String>,
    pub(crate) status: String,
}

#[derive(Default)]
pub(crate) struct Chat {
    status: &'static str,
}

#[handler(user = Account, object = Room)]
impl Chat {
    /// `build_groups`.
    fn groups(&self, cx: &Context<Self>) -> Result<Vec<GroupName>> {
        let room: &Room = cx.object()?;
        Ok(vec![GroupName::new(["room", &room.name])?])
    }

    /// `post_authentication`.
    async fn on_connect(&mut self, _: &mut Context<Self>) -> Result<()> {
        self.status = "online";
        Ok(())
    }

    /// Answers the sender, and tells the rest of the room.
    #[on]
    async fn say(
        &mut self,
        cx: &Context<Self>,
        Say(text): Say,
    ) -> Result<(Received, BroadcastToOthers<Said>)> {
        let by = cx.user::<Account>()?.name.clone();
        let received = Received(format!("Received: {text}"));
        Ok((received, BroadcastToOthers(Said { by, text })))
    }

    /// Tells everybody in the room, the sender too.
    #[on]
    async fn shout(&mut self, cx: &Context<Self>, Shout(text): Shout) -> Result<Broadcast<Said>> {
        let by = cx.user::<Account>()?.name.clone();
        Ok(Broadcast(Said {
            by,
            text: text.to_uppercase(),
        }))
    }

    /// To a group by name; for moderators alone.
    #[on(permit = IsModerator)]
    async fn announce(&mut self, cx: &Context<Self>, Announce(text): Announce) -> Result<()> {
        cx.group("announcements")?.broadcast(Announcement(text))
    }

    /// An error that the client may read; any other would be "internal error" to it.
    #[on]
    async fn divide(&mut self, divide: Divide) -> Result<Quotient> {
        let quotient = 42_i32.checked_div(divide.by);
        quotient
            .map(Quotient)
            .ok_or_else(|| Error::refused(400, "cannot divide by zero"))
    }

    /// The user, the object and the request.
    #[on]
    async fn where_am_i(&mut self, cx: &Context<Self>, _: WhereAmI) -> Result<Facts> {
        Ok(Facts {
            user: cx.user::<Account>()?.name.clone(),
            room: cx.param("room")?.to_owned(),
            path: cx.path().into_owned(),
            language: cx
                .query()
                .get("language")
                .map(|language| language.into_owned()),
            status: self.status.to_owned(),
        })
    }

    async fn on_disconnect(&mut self, cx: &mut Context<Self>, disconnect: Disconnect) {
        tracing::info!(id = %cx.id(), %disconnect, "disconnected");
    }
}
