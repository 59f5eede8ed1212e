//! Groups: named sets of connections, on this node and beyond.

mod gap;
mod hub;
mod memberships;
mod name;
mod registry;

pub use gap::Gap;
pub(crate) use hub::encode;
pub use hub::{Hub, Stats};
pub(crate) use memberships::Memberships;
pub use name::{GroupName, IntoGroupName};
pub(crate) use registry::Entered;

use std::sync::Arc;

use crate::engine::Link;
use crate::error::{Error, ErrorKind};
use crate::message::Outgoing;

/// A group by its name; it exists as long as it has members. Holding one does not join it.
#[derive(Clone, Debug)]
pub struct Group {
    hub: Hub,
    name: GroupName,
    except: Option<Arc<Link>>,
    key: Option<Arc<str>>,
}

/// Bytes of a key: as many as the name of a group.
const KEY_BYTES_MAX: usize = 255;

impl Group {
    pub(crate) fn new(hub: Hub, name: GroupName) -> Self {
        Self {
            hub,
            name,
            except: None,
            key: None,
        }
    }

    /// The same group without one connection.
    pub(crate) fn except(mut self, link: Arc<Link>) -> Self {
        self.except = Some(link);
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

    /// Sends a message to every member, on every node: encoded and framed once. Does not wait for anyone; a member
    /// whose outbox overflows is closed with 1013, or loses what the group's [`Overflow`](crate::Overflow) says.
    ///
    /// # Errors
    /// `Encoding`; `Name` when the [key](Self::keyed) is longer than 255 bytes; `Full` when this node is overloaded, and
    /// not every member gets it; `Broker` when the other nodes cannot be reached, while the members here get it.
    pub fn broadcast(&self, message: impl Outgoing) -> Result<(), Error> {
        let frame = match &self.key {
            None => encode(&message)?,
            Some(key) => encode(&message)?.keyed(self.checked(key)?),
        };
        self.hub.publish(&self.name, frame, self.except.as_ref())
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
