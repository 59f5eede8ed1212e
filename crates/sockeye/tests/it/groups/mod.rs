//! Groups over real sockets: who hears what, in which order, on one node and on two.

mod broker;
mod detour;
mod events;
mod forged;
mod gaps;
mod local;
mod marked;
mod members;
mod nodes;
mod open;
mod order;
mod outage;
mod overload;
#[cfg(feature = "msgpack")]
mod packed;
mod presence;
mod questions;
mod storm;

use sockeye::{Context, Endpoint, Error, Handler, Options, Result, endpoint};

use crate::harness::Client;

/// A handler that does what its client says, in the rooms that its client names.
struct Member;

impl Handler for Member {
    type Incoming = String;
    type Outgoing = String;

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        let (command, rest) = text.split_once(' ').unwrap_or((&text, ""));
        match command {
            "join" => {
                cx.join(("room", rest)).await?;
                cx.reply(format!("joined {rest}"))
            }
            "leave" => {
                let left = cx.leave(("room", rest))?;
                cx.reply(format!("left {rest} {left}"))
            }
            "say" => {
                cx.reply(format!("said {rest}"))?;
                cx.broadcast(rest.to_owned())
            }
            "others" => {
                cx.broadcast_to_others(rest.to_owned())?;
                cx.reply(format!("told {rest}"))
            }
            other => Err(Error::new(format!("{other} is no command"))),
        }
    }
}

/// An endpoint for clients that send as fast as they can.
fn member() -> Endpoint {
    endpoint(|| Member).options(unhurried())
}

fn unhurried() -> Options {
    let mut options = Options::default();
    options.rate = None;
    options
}

/// Joins a room and waits until it is joined.
async fn join(client: &mut Client, room: &str) {
    client.send(format!("join {room}")).await;
    assert_eq!(client.text().await, format!("joined {room}"));
}

/// Leaves a room and waits until it is left.
async fn leave(client: &mut Client, room: &str) {
    client.send(format!("leave {room}")).await;
    assert_eq!(client.text().await, format!("left {room} true"));
}
