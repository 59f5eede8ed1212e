//! The messages of the chat: `{"action": .., "payload": {..}}` both ways.

use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
#[serde(tag = "action", content = "payload", rename_all = "snake_case")]
pub(crate) enum FromClient {
    Say { text: String },
    Rename { name: String },
}

#[derive(Clone, Serialize)]
#[serde(tag = "action", content = "payload", rename_all = "snake_case")]
pub(crate) enum ToClient {
    /// The first message: who you are and who is here.
    Welcome {
        id: String,
        name: String,
        room: String,
        members: Vec<Member>,
    },
    Joined(Member),
    Left(Member),
    Renamed {
        id: String,
        name: String,
        was: String,
    },
    Said {
        id: String,
        name: String,
        text: String,
        /// Milliseconds since 1970.
        at: u64,
    },
}

#[derive(Clone, Serialize)]
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) name: String,
}
