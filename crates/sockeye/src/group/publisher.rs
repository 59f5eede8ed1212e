//! Publisher: the connection that publishes, as groups know it.

use std::sync::Arc;

use crate::config::Options;
use crate::config::Wire;
use crate::connection::Origin;
use crate::engine::Link;
use crate::id::UserId;

/// Who publishes from inside of a connection, and by which keys it writes.
#[derive(Clone, Debug)]
pub(crate) struct Publisher {
    pub(crate) link: Arc<Link>,
    pub(crate) user: Option<UserId>,
    pub(crate) options: Arc<Options>,
}

impl Publisher {
    pub(crate) fn wire(&self) -> &Wire {
        &self.options.wire
    }

    pub(crate) fn origin(&self) -> Origin {
        Origin {
            connection: Some(self.link.id()),
            user: self.user.clone(),
        }
    }
}
