//! Notice: what nodes tell each other, as JSON in the envelopes of a broker.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::group::cluster::roster::Seen;

/// What one node tells others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Notice {
    /// It has come, and wants to know who else is there.
    Hello,
    /// It is there.
    Beat,
    /// It goes, and all that was connected to it has gone.
    Bye,
    /// One that it tracks has come, changed or gone; told to those with members in the group.
    Change(Change),
    /// All that it tracks in a group: changes may have been missed.
    Whole {
        version: u64,
        tracked: Vec<(u64, Seen)>,
    },
    /// It wants to know something of everybody.
    Query { id: u64, question: Question },
    /// It answers a query; some answers have several parts.
    Answer { id: u64, reply: Reply, last: bool },
    /// A user's connections are to be closed everywhere.
    Disconnect {
        user: String,
        code: u16,
        reason: String,
    },
    /// A user's connections are to be asked again whether they may be there.
    Recheck { user: String },
}

/// One step of a node's own part of a roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Change {
    /// What the version was before: 0 when nobody was ever tracked.
    pub(crate) before: u64,
    pub(crate) version: u64,
    /// The connection's number on its node.
    pub(crate) connection: u64,
    /// `None` when it is gone.
    pub(crate) seen: Option<Seen>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Question {
    /// Who is tracked in these groups?
    Rosters(Vec<Arc<str>>),
    /// How many members has this group?
    Members(Arc<str>),
    /// How many connections has this user?
    User(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reply {
    Roster {
        group: Arc<str>,
        version: u64,
        tracked: Vec<(u64, Seen)>,
    },
    Count(usize),
}

impl Notice {
    pub(crate) fn write(&self) -> Vec<u8> {
        // Structs, numbers and text always have a form.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// `None` for what a newer version may say.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }
}
