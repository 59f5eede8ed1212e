//! Login: one connection of a user, and what can be done to it from outside.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::connection::Disconnect;
use crate::engine::Link;
use crate::group::Hub;
use crate::group::users::Users;
use crate::handshake::{Handshake, Rejection};
use crate::id::UserId;

/// What a second look at a connection finds.
pub(crate) type Rechecked<'a> = Pin<Box<dyn Future<Output = Result<(), Rejection>> + Send + 'a>>;

/// What was asked of a connection before it was let in, to be asked again. Panics and endless waits end inside.
pub(crate) trait Recheck: Send + Sync {
    fn recheck<'a>(&'a self, hub: &'a Hub) -> Rechecked<'a>;
}

/// A connection whose user is known, or a handshake on its way to become one.
pub(crate) struct Login {
    user: UserId,
    /// Where it is among its user's.
    place: usize,
    stage: Mutex<Stage>,
    /// When its credentials end; changed by the expiry alone, which is ordered by it.
    pub(super) expires: Mutex<Option<Instant>>,
    again: OnceLock<Arc<dyn Recheck>>,
}

enum Stage {
    /// Its handshake is not through. What is done to the user meanwhile is kept for its arrival.
    Opening {
        end: Option<Disconnect>,
        recheck: bool,
    },
    Open(Arc<Link>),
    Over,
}

impl Login {
    pub(super) fn new(user: UserId, place: usize) -> Self {
        let (end, recheck) = (None, false);
        Self {
            user,
            place,
            stage: Mutex::new(Stage::Opening { end, recheck }),
            expires: Mutex::new(None),
            again: OnceLock::new(),
        }
    }

    pub(super) fn user(&self) -> &UserId {
        &self.user
    }

    pub(super) fn place(&self) -> usize {
        self.place
    }

    /// The connection, once it is there and until it has gone.
    pub(super) fn link(&self) -> Option<Arc<Link>> {
        match &*self.stage.lock() {
            Stage::Open(link) => Some(Arc::clone(link)),
            Stage::Opening { .. } | Stage::Over => None,
        }
    }

    /// Ends the connection, or the handshake as soon as it becomes one; the first cause counts.
    pub(super) fn end(&self, disconnect: Disconnect) {
        match &mut *self.stage.lock() {
            Stage::Opening { end, .. } => drop(end.get_or_insert(disconnect)),
            Stage::Open(link) => link.close(disconnect),
            Stage::Over => {}
        }
    }

    /// Asks again whether the connection may be here, and ends it otherwise. True when that was so. A handshake is
    /// asked once it is a connection.
    pub(super) async fn recheck(&self, hub: &Hub) -> bool {
        if let Stage::Opening { recheck, .. } = &mut *self.stage.lock() {
            *recheck = true;
            return false;
        }
        let Some(again) = self.again.get() else {
            return false;
        };
        let Err(rejection) = again.recheck(hub).await else {
            return false;
        };
        let code = rejection.close_code();
        self.end(Disconnect::revoked(code, &rejection.into_detail()));
        true
    }

    /// Becomes the login of a connection; gives whether it must be asked again whether it may be here.
    fn open(&self, link: &Arc<Link>) -> bool {
        let mut stage = self.stage.lock();
        let Stage::Opening { end, recheck } = &mut *stage else {
            return false;
        };
        let (end, recheck) = (end.take(), *recheck);
        *stage = Stage::Open(Arc::clone(link));
        if let Some(end) = end {
            link.close(end);
        }
        recheck
    }
}

/// A connection's hold on its login, from the handshake on; the login goes when this is dropped, or before.
pub(crate) struct Seat {
    users: Arc<Users>,
    login: Arc<Login>,
}

impl Seat {
    pub(super) fn new(users: Arc<Users>, login: Arc<Login>) -> Self {
        Self { users, login }
    }

    /// The seat that a handshake has found for its user.
    pub(crate) fn of(handshake: &Handshake) -> Option<&Self> {
        handshake.known()?.seat.as_deref()?.downcast_ref()
    }

    /// Says what is to be asked again when the user is rechecked.
    pub(crate) fn set_recheck(&self, again: Arc<dyn Recheck>) {
        // Only ever set once: at the end of the handshake.
        let _ = self.login.again.set(again);
    }

    /// Sits down with the connection that the handshake has become. What was done to the user meanwhile is done to it.
    pub(crate) fn open(&self, hub: &Hub, link: &Arc<Link>) {
        if self.login.open(link) {
            let (login, hub) = (Arc::clone(&self.login), hub.clone());
            tokio::spawn(async move { login.recheck(&hub).await });
        }
    }

    /// The id of the user.
    pub(crate) fn user(&self) -> &UserId {
        self.login.user()
    }

    /// Moves the end of the credentials.
    pub(crate) fn set_expiry(&self, expires: Option<Instant>) {
        // Not after the end: nobody would take it out again.
        let stage = self.login.stage.lock();
        if !matches!(*stage, Stage::Over) {
            self.users.expiry.set(&self.login, expires);
        }
    }

    /// Stands up; a second time nothing happens.
    pub(crate) fn leave(&self) {
        let stage = std::mem::replace(&mut *self.login.stage.lock(), Stage::Over);
        if !matches!(stage, Stage::Over) {
            self.users.leave(&self.login);
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.leave();
    }
}
