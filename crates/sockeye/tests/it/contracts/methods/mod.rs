//! Typed messages and the handlers that are made of methods: what Chanx and axum-realtime-kit promise of them.

mod answers;
mod completion;
mod errors;
#[cfg(feature = "msgpack")]
mod packed;
mod permits;
mod pings;

use sockeye::{
    Broadcast, BroadcastToOthers, Context, Error, Message, Options, Peer, Result, Router, endpoint,
    handler, methods,
};

use crate::contracts::notes::Notes;

#[derive(Message)]
pub(crate) struct Say {
    text: String,
}

/// What a text asks its answer to be.
#[derive(Message)]
pub(crate) enum Ask {
    Reply,
    Broadcast,
    Others,
    Both,
    BroadcastFirst,
    Maybe { yes: bool },
    Nothing,
    Refused,
    Broken,
    Slow { turns: u32 },
    Panic,
    Sent,
}

#[derive(Message)]
pub(crate) struct Said {
    text: String,
}

#[derive(Message)]
pub(crate) struct News;

#[derive(Message)]
pub(crate) struct Joined;

#[derive(Message)]
pub(crate) struct Typing(bool);

#[derive(Message)]
pub(crate) struct IsTyping {
    on: bool,
    changes: u32,
}

/// A group of methods that handlers include.
#[derive(Default)]
pub(crate) struct Indicator {
    changes: u32,
}

#[methods]
impl Indicator {
    /// Somebody types, or does not any more.
    #[on]
    fn typing(&mut self, peer: &Peer, message: Typing) -> BroadcastToOthers<IsTyping> {
        assert!(!peer.groups().is_empty(), "the connection is in its room");
        self.changes += 1;
        BroadcastToOthers(IsTyping {
            on: message.0,
            changes: self.changes,
        })
    }
}

/// A member of the room of its path; tells what it was asked.
#[derive(Default)]
pub(crate) struct Room {
    asked: u32,
    indicator: Indicator,
    notes: Option<Notes>,
}

#[handler(sends(Joined), include(indicator: Indicator))]
impl Room {
    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.join(("room", cx.param("room")?)).await?;
        cx.broadcast_to_others(Joined)
    }

    async fn on_disconnect(&mut self, _: &mut Context<Self>, _: sockeye::Disconnect) {
        if let Some(notes) = &self.notes {
            notes.write(format!("left after {}", self.asked));
        }
    }

    /// Says a text to everybody.
    #[on]
    async fn say(&self, cx: &Context<Self>, message: Say) -> Broadcast<Said> {
        assert_eq!(cx.groups().len(), 1);
        Broadcast(Said { text: message.text })
    }

    /// Answers in every way there is.
    #[on]
    async fn ask(&mut self, cx: &mut Context<Self>, ask: Ask) -> Result<Option<Said>> {
        self.asked += 1;
        let said = |text: &str| Said {
            text: text.to_owned(),
        };
        match ask {
            Ask::Reply => Ok(Some(said("reply"))),
            Ask::Broadcast => cx.broadcast(News).map(|()| None),
            Ask::Others => cx.broadcast_to_others(News).map(|()| None),
            Ask::Both => cx.broadcast(News).map(|()| Some(said("both"))),
            Ask::BroadcastFirst => {
                cx.broadcast(News)?;
                cx.reply(said("broadcast first")).map(|()| None)
            }
            Ask::Maybe { yes } => Ok(yes.then(|| said("maybe"))),
            Ask::Nothing => Ok(None),
            Ask::Refused => Err(Error::refused(409, "not twice")),
            Ask::Broken => Err(Error::new("the disk is full")),
            Ask::Slow { turns } => {
                cx.reply(said("begun"))?;
                for _ in 0..turns {
                    tokio::task::yield_now().await;
                }
                cx.sender().try_send(said("pushed"))?;
                cx.send(said("sent"));
                Ok(Some(said("done")))
            }
            Ask::Panic => panic!("as it was asked to"),
            Ask::Sent => Ok(Some(said(&self.name()))),
        }
    }

    #[on]
    fn both(&mut self, _: BothWays) -> Result<(Said, Broadcast<News>), std::io::Error> {
        let text = "a pair".to_owned();
        Ok((Said { text }, Broadcast(News)))
    }

    /// What has no mark stays a method.
    fn name(&self) -> String {
        format!("asked {} times", self.asked)
    }
}

#[derive(Message)]
pub(crate) struct BothWays;

pub(crate) fn routes(options: Options) -> Router {
    Router::new().route("/{room}", endpoint(Room::default).options(options))
}
