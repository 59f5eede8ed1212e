//! UserConnections: everything that one user has open.

use std::fmt;

use futures_util::{StreamExt, stream};
use sockeye_protocol::CloseCode;

use crate::group::Hub;
use crate::group::cluster::Notice;
use crate::id::ConnectionId;

/// Connections that are rechecked at the same time. Enough to hide the waiting for a database, few enough not to take
/// all of its connections.
const RECHECKS_MAX: usize = 16;

/// The connections of one user, those that are on their way in counted among them: what is done here is done to them when
/// they arrive. Made by [`Hub::user`].
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

    /// The open connections on this node.
    #[must_use]
    pub fn connections(&self) -> Vec<ConnectionId> {
        let logins = self.hub.users().of(&self.user);
        let links = logins.iter().filter_map(|login| login.link());
        let links = links.filter(|link| link.is_open());
        links.map(|link| link.id()).collect()
    }

    /// How many are open on this node.
    #[must_use]
    pub fn count(&self) -> usize {
        self.connections().len()
    }

    /// How many are open on all nodes. Asks the others; one that does not answer within a second is not counted.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    pub async fn count_everywhere(&self) -> usize {
        self.hub.0.count_user(&self.user).await
    }

    /// Closes all of them, on every node, as [`Peer::close`](crate::Peer::close) does, with the cause [`Revoked`](crate::Cause::Revoked).
    /// 4401 and 4403 tell clients that coming back with the same credentials is in vain. Nodes that cannot be reached are
    /// not told later.
    pub fn disconnect(&self, code: CloseCode, reason: &str) {
        self.hub.0.disconnect_user(&self.user, code, reason);
        self.hub.0.tell_nodes(&Notice::Disconnect {
            user: self.user.to_string(),
            code: code.into(),
            reason: reason.to_owned(),
        });
    }

    /// Asks again whether they may be here, by what each endpoint asked before it let them in: the loaders and
    /// permissions of its [`load`](crate::Endpoint::load) and [`permit`](crate::Endpoint::permit), in that order, for
    /// the user and the request of the handshake. What is loaded now is what the permissions judge; the connection keeps
    /// the object it has. Authenticators and other hooks do not run again.
    ///
    /// One that is refused closes with 4000 + status: 4403, 4404 when the object is gone, 4500 when a loader or a
    /// permission fails, panics or takes longer than the handshake timeout. Gives how many were on this node; other nodes
    /// ask theirs at the same time. Other connections, and the messages of those that are asked, go on meanwhile.
    ///
    /// # Cancel safety
    /// Dropped early, those that were not asked yet stay as they are.
    pub async fn recheck(&self) -> usize {
        let user = self.user.to_string();
        self.hub.0.tell_nodes(&Notice::Recheck { user });
        self.recheck_here().await
    }

    /// The same on this node alone.
    pub(crate) async fn recheck_here(&self) -> usize {
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
