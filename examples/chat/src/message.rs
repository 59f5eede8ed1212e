//! The messages of the chat: `{"action": .., "payload": {..}}` both ways.

use serde::{Deserialize, Serialize};
use sockeye::Message;

#[derive(Message)]
#[message(incoming)]
pub(crate) struct Say {
    pub(crate) text: String,
}

#[derive(Message)]
#[message(incoming)]
pub(crate) struct Rename {
    pub(crate) name: String,
}

/// Who you are and who is here, on all nodes.
#[derive(Message)]
#[message(outgoing)]
pub(crate) struct Welcome {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) room: String,
    pub(crate) members: Vec<Member>,
}

#[derive(Message)]
#[message(outgoing)]
pub(crate) struct Joined(pub(crate) Member);

#[derive(Message)]
#[message(outgoing)]
pub(crate) struct Left(pub(crate) Member);

#[derive(Message)]
#[message(outgoing)]
pub(crate) struct Renamed {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) was: String,
}

#[derive(Message)]
#[message(outgoing)]
pub(crate) struct Said {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) text: String,
    /// Milliseconds since 1970.
    pub(crate) at: u64,
}

#[derive(Serialize)]
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// What others see of a member.
#[derive(Serialize, Deserialize)]
pub(crate) struct Tracked {
    pub(crate) name: String,
    /// The name before, where it was another.
    pub(crate) was: Option<String>,
}
