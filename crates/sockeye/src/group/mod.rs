//! Groups: named sets of connections, on this node and beyond.

mod cluster;
mod distant;
mod event;
mod gap;
mod hub;
mod memberships;
mod name;
mod presence;
mod publisher;
mod registry;
mod stats;
#[cfg(feature = "testing")]
mod tap;
mod users;

pub(crate) use cluster::Seen;
pub use event::Event;
pub use gap::Gap;
pub use hub::Hub;
pub(crate) use memberships::Memberships;
pub use name::{GroupName, IntoGroupName};
pub use presence::{Presence, PresenceChange, Present};
pub(crate) use publisher::Publisher;
pub(crate) use registry::Entered;
pub use stats::Stats;
#[cfg(feature = "testing")]
pub(crate) use tap::Watch;
pub use users::UserConnections;
pub(crate) use users::{Recheck, Rechecked, Seat};

use std::sync::Arc;

use crate::engine::Audience;
use crate::error::{Error, ErrorKind};
use crate::message::Outgoing;

/// A group by its name; it exists as long as it has members. Holding one does not join it.
#[derive(Clone, Debug)]
pub struct Group {
    hub: Hub,
    name: GroupName,
    /// The connection that it was asked of.
    publisher: Option<Publisher>,
    leaves_out_publisher: bool,
    key: Option<Arc<str>>,
}

/// Bytes of a key: as many as the name of a group.
const KEY_BYTES_MAX: usize = 255;

impl Group {
    pub(crate) fn new(hub: Hub, name: GroupName) -> Self {
        Self {
            hub,
            name,
            publisher: None,
            leaves_out_publisher: false,
            key: None,
        }
    }

    /// The same group as one connection knows it.
    pub(crate) fn published_by(mut self, publisher: Publisher) -> Self {
        self.publisher = Some(publisher);
        self
    }

    /// The same group without that connection.
    pub(crate) fn without_publisher(mut self) -> Self {
        self.leaves_out_publisher = true;
        self
    }

    /// The same group for messages about one thing, say one share of a price list: where the group is told to
    /// [keep the latest](crate::Overflow::KeepLatest), a newer message takes the place of one with the same key that
    /// waits for a slow member. Elsewhere keys mean nothing.
    #[must_use]
    pub fn keyed(mut self, key: impl Into<Arc<str>>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &GroupName {
        &self.name
    }

    /// Members on this node.
    #[must_use]
    pub fn members(&self) -> usize {
        self.hub.members(&self.name)
    }

    /// Members on all nodes. Asks the others; one that does not answer within a second is not counted.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    pub async fn count(&self) -> usize {
        match self.name.is_local() {
            true => self.members(),
            false => self.hub.0.count_members(self.name.shared()).await,
        }
    }

    /// Those who are [tracked](crate::Peer::track) in it, on all nodes. Known here while this node has members in the group;
    /// else the others are asked, and one that does not answer within a second is left out.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    pub async fn roster(&self) -> Vec<Present> {
        self.hub.0.roster(&self.name).await
    }

    pub(crate) fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Sends a message to every member, on every node: encoded and framed once. Does not wait for anyone; a member
    /// whose outbox overflows is closed with 1013, or loses what the group's [`Overflow`](crate::Overflow) says.
    ///
    /// # Errors
    /// `Encoding`; `Name` when the [key](Self::keyed) is longer than 255 bytes; `Full` when this node is overloaded, and
    /// not every member gets it; `Broker` when the other nodes cannot be reached, while the members here get it.
    pub fn broadcast(&self, message: impl Outgoing) -> Result<(), Error> {
        let publisher = self.publisher.as_ref();
        let mut frame = self.hub.encode(&message, publisher)?;
        if let Some(key) = &self.key {
            frame = frame.keyed(self.checked(key)?);
        }
        let mut audience = self.hub.audience(&frame, publisher);
        if self.leaves_out_publisher {
            audience.except = publisher.map(|publisher| Arc::clone(&publisher.link));
        }
        self.hub.publish(&self.name, frame, &audience)
    }

    /// Tells the handlers of all members, on every node, rather than their clients: each hears it in
    /// [`on_event`](crate::Handler::on_event) and decides what its client learns. Encoded once, read by who wants to.
    /// For a message to many clients that all get the same, [`broadcast`](Self::broadcast) costs far less.
    ///
    /// # Errors
    /// As [`broadcast`](Self::broadcast).
    pub fn notify(&self, message: impl Outgoing) -> Result<(), Error> {
        let frame = self.hub.encode_event(&message)?;
        let left_out = self
            .publisher
            .as_ref()
            .filter(|_| self.leaves_out_publisher);
        let audience = Audience {
            except: left_out.map(|publisher| Arc::clone(&publisher.link)),
            own: None,
            handlers: true,
        };
        self.hub.publish(&self.name, frame, &audience)
    }

    fn checked(&self, key: &Arc<str>) -> Result<Arc<str>, Error> {
        let found = key.len();
        if found > KEY_BYTES_MAX {
            let text = format!(
                "cannot publish to {}: the key has {found} bytes, at most {KEY_BYTES_MAX} are allowed",
                self.name
            );
            return Err(Error::with(ErrorKind::Name, text));
        }
        Ok(Arc::clone(key))
    }
}
