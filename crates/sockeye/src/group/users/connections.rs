//! UserConnections: everything that one user has open on a node.

use std::fmt;

use futures_util::{StreamExt, stream};
use sockeye_protocol::CloseCode;

use crate::connection::Disconnect;
use crate::group::Hub;
use crate::id::ConnectionId;

/// Connections that are rechecked at the same time. Enough to hide the waiting for a database, few enough not to take
/// all of its connections.
const RECHECKS_MAX: usize = 16;

/// The connections of one user on this node, those that are on their way in counted among them: what is done here is
/// done to them when they arrive. Made by [`Hub::user`].
///
/// ```
/// use sockeye::{CloseCode, Hub};
///
/// # async fn log_out(hub: &Hub) {
/// let sessions = hub.user("42");
/// sessions.disconnect(CloseCode::new(4401), "signed out");
/// # }
/// # let _ = log_out;
/// ```
#[derive(Clone)]
pub struct UserConnections {
    hub: Hub,
    user: Box<str>,
}

impl UserConnections {
    pub(crate) fn new(hub: Hub, user: &str) -> Self {
        let user = user.into();
        Self { hub, user }
    }

    /// The open connections.
    #[must_use]
    pub fn connections(&self) -> Vec<ConnectionId> {
        let logins = self.hub.users().of(&self.user);
        let links = logins.iter().filter_map(|login| login.link());
        let links = links.filter(|link| link.is_open());
        links.map(|link| link.id()).collect()
    }

    /// How many are open.
    #[must_use]
    pub fn count(&self) -> usize {
        self.connections().len()
    }

    /// Closes all of them, as [`Peer::close`](crate::Peer::close) does, with the cause [`Revoked`](crate::Cause::Revoked).
    /// 4401 and 4403 tell clients that coming back with the same credentials is in vain.
    pub fn disconnect(&self, code: CloseCode, reason: &str) {
        for login in self.hub.users().of(&self.user) {
            login.end(Disconnect::revoked(code, reason));
        }
    }

    /// Asks again whether they may be here, by what each endpoint asked before it let them in: the loaders and
    /// permissions of its [`load`](crate::Endpoint::load) and [`permit`](crate::Endpoint::permit), in that order, for
    /// the user and the request of the handshake. What is loaded now is what the permissions judge; the connection keeps
    /// the object it has. Authenticators and other hooks do not run again.
    ///
    /// One that is refused closes with 4000 + status: 4403, 4404 when the object is gone, 4500 when a loader or a
    /// permission fails, panics or takes longer than the handshake timeout. Gives how many were. Other connections, and the
    /// messages of those that are asked, go on meanwhile.
    ///
    /// # Cancel safety
    /// Dropped early, those that were not asked yet stay as they are.
    pub async fn recheck(&self) -> usize {
        let logins = stream::iter(self.hub.users().of(&self.user));
        let hub = &self.hub;
        let asked = logins.map(|login| async move { login.recheck(hub).await });
        let refused = asked.buffer_unordered(RECHECKS_MAX);
        refused
            .filter(|refused| std::future::ready(*refused))
            .count()
            .await
    }
}

impl fmt::Debug for UserConnections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserConnections")
            .field("user", &self.user)
            .field("count", &self.count())
            .finish_non_exhaustive()
    }
}
