//! Presence: who is tracked in a group, and the event of one of them coming, changing or going.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::error::{Error, ErrorKind, Result};
use crate::group::cluster::{Seen, Step, StepKind};
use crate::id::{ConnectionId, NodeId};
use crate::message::typed::encode;
use crate::message::{EncodeError, Form, Message, MessageKind, Outgoing, WriteMessage};

/// A connection that is [tracked](crate::Peer::track) in a group, on whichever node.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Present {
    /// Which one.
    pub connection: ConnectionId,
    /// Whose it is, where somebody is signed in.
    pub user: Option<Arc<str>>,
    info: Arc<RawValue>,
}

impl Present {
    pub(crate) fn new(node: NodeId, connection: u64, seen: Seen) -> Self {
        Self {
            connection: ConnectionId::of(node, connection),
            user: seen.user,
            info: seen.info,
        }
    }

    /// What it is tracked with.
    ///
    /// # Errors
    /// `Encoding` when that is of another type.
    pub fn info<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(self.info.get()).map_err(|error| {
            let text = format!("cannot read what {} is tracked with", self.connection);
            Error::caused(ErrorKind::Encoding, text, error)
        })
    }
}

/// What became of a connection that is or was tracked; an [`Event`](crate::Event) to all other members of its group.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Presence {
    /// What happened.
    pub change: PresenceChange,
    /// To whom, with what is seen of it now, or was last.
    pub who: Present,
}

/// What happened to a tracked connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PresenceChange {
    /// It is tracked now.
    Joined,
    /// It is tracked with something else.
    Updated,
    /// It is tracked no more: it has left, its connection has ended, or its node has.
    Left,
}

/// The action of the event.
pub(crate) const ACTION: &str = "presence";

/// `{"action":"presence","payload":{"change":"joined","connection":"..","user":null,"info":{}}}`
#[derive(Deserialize)]
pub(crate) struct Told {
    change: PresenceChange,
    connection: String,
    user: Option<Arc<str>>,
    info: Box<RawValue>,
}

impl Told {
    pub(crate) fn into_presence(self) -> Option<Presence> {
        let who = Present {
            connection: ConnectionId::parse(&self.connection)?,
            user: self.user,
            info: self.info.into(),
        };
        Some(Presence {
            change: self.change,
            who,
        })
    }
}

impl From<Step> for Presence {
    fn from(step: Step) -> Self {
        let change = match step.kind {
            StepKind::Joined => PresenceChange::Joined,
            StepKind::Updated => PresenceChange::Updated,
            StepKind::Left => PresenceChange::Left,
        };
        let who = Present::new(step.node, step.connection, step.seen);
        Self { change, who }
    }
}

impl Message for Presence {
    const ACTIONS: &'static [&'static str] = &[ACTION];

    fn action(&self) -> &'static str {
        ACTION
    }
}

impl WriteMessage for Presence {
    fn has_payload(&self) -> bool {
        true
    }

    fn write_payload<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut told = serializer.serialize_struct("Presence", 4)?;
        told.serialize_field("change", &self.change)?;
        told.serialize_field("connection", &self.who.connection.to_string())?;
        told.serialize_field("user", &self.who.user)?;
        told.serialize_field("info", &self.who.info)?;
        told.end()
    }
}

impl Outgoing for Presence {
    const TYPED: bool = true;

    fn encode(&self, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
        self.write(Form::DEFAULT, out)
    }

    fn write(&self, form: Form<'_>, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
        encode(self, form, out)
    }
}
