//! Groups: named sets of connections, on this node and beyond.

mod hub;
mod memberships;
mod name;
mod registry;

pub(crate) use hub::encode;
pub use hub::{Hub, Stats};
pub(crate) use memberships::Memberships;
pub use name::{GroupName, IntoGroupName};
pub(crate) use registry::Entered;

use std::sync::Arc;

use crate::engine::Link;
use crate::error::Error;
use crate::message::Outgoing;

/// A group by its name; it exists as long as it has members. Holding one does not join it.
#[derive(Clone, Debug)]
pub struct Group {
    hub: Hub,
    name: GroupName,
    except: Option<Arc<Link>>,
}

impl Group {
    pub(crate) fn new(hub: Hub, name: GroupName) -> Self {
        let except = None;
        Self { hub, name, except }
    }

    /// The same group without one connection.
    pub(crate) fn except(mut self, link: Arc<Link>) -> Self {
        self.except = Some(link);
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
    /// whose outbox overflows is closed with 1013.
    ///
    /// # Errors
    /// `Encoding`; `Full` when this node is overloaded, and not every member gets it; `Broker` when the other nodes
    /// cannot be reached, while the members here get it.
    pub fn broadcast(&self, message: impl Outgoing) -> Result<(), Error> {
        self.hub
            .publish(&self.name, encode(&message)?, self.except.as_ref())
    }
}
