//! Member: handlers that do what their clients say.

use serde_json::{Value, json};
use sockeye::{Context, Error, Event, Gap, GroupName, Handler, Json, Marked, Result};

/// In the rooms that its client names.
pub(crate) struct Member;

impl Handler for Member {
    type Incoming = String;
    type Outgoing = String;

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        let mut words = text.splitn(3, ' ');
        let mut word = || words.next().unwrap_or_default();
        let (command, room, rest) = (word(), word(), word());
        match command {
            "join" => {
                cx.join(("room", room)).await?;
                cx.reply(format!("joined {room}"))
            }
            "leave" => {
                cx.leave(("room", room))?;
                cx.reply(format!("left {room}"))
            }
            "say" => cx.group(("room", room))?.broadcast(rest.to_owned()),
            "tell" => cx.group(("room", room))?.notify(rest.to_owned()),
            "echo" => cx.reply(room.to_owned()),
            other => Err(Error::new(format!("{other} is no command"))),
        }
    }

    async fn on_gap(&mut self, cx: &mut Context<Self>, gap: Gap) -> Result<()> {
        cx.reply(format!("gap {} {:?}", gap.group, gap.messages))
    }

    async fn on_event(&mut self, cx: &mut Context<Self>, event: Event) -> Result<()> {
        let text: String = event.decode()?;
        cx.reply(format!("event {} {text}", event.group()))
    }
}

/// In one room, whose messages are marked; what its client says all are sent.
pub(crate) struct Marking;

impl Handler for Marking {
    type Incoming = Json<Value>;
    type Outgoing = Marked<Value>;

    fn groups(&self, _: &Context<Self>) -> Result<Vec<GroupName>> {
        Ok(vec![GroupName::new(["marked"])?])
    }

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.reply(Marked(json!({ "action": "joined" })))
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, Json(said): Json<Value>) -> Result<()> {
        cx.broadcast(Marked(said))
    }
}
