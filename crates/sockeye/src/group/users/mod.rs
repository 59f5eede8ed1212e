//! Users: whose connections are whose on this node.

mod connections;
mod expiry;
mod login;

pub use connections::UserConnections;
pub(crate) use login::{Recheck, Rechecked, Seat};

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};
use parking_lot::Mutex;
use slab::Slab;
use tokio::time::Instant;

use crate::connection::Disconnect;
use crate::engine::Link;
use crate::group::users::expiry::Expiry;
use crate::group::users::login::Login;
use crate::id::UserId;

/// The logins of all connections whose user is known, by user: as many as there are such connections, and handshakes
/// that have come this far. Entering and leaving take the same time however many there are.
pub(crate) struct Users {
    logins: Mutex<HashMap<UserId, Slab<Arc<Login>>>>,
    expiry: Arc<Expiry>,
}

impl Users {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            logins: Mutex::new(HashMap::new()),
            expiry: Arc::default(),
        })
    }

    /// Gives a user a seat for one connection, from the handshake on, so that nothing that is done to the user misses
    /// one on its way. Must run inside a tokio runtime.
    pub(crate) fn enter(self: &Arc<Self>, user: &str, expires: Option<Instant>) -> Seat {
        let login = self.login(user);
        self.expiry.set(&login, expires);
        Seat::new(Arc::clone(self), login)
    }

    fn login(&self, user: &str) -> Arc<Login> {
        let mut logins = self.logins.lock();
        let user = match logins.get_key_value(user) {
            Some((known, _)) => known.clone(),
            None => UserId::from(user),
        };
        let seats = logins.entry(user.clone()).or_default();
        let place = seats.vacant_entry();
        let login = Arc::new(Login::new(user, place.key()));
        place.insert(Arc::clone(&login));
        login
    }

    fn leave(&self, login: &Arc<Login>) {
        self.expiry.set(login, None);
        let mut logins = self.logins.lock();
        let Some(seats) = logins.get_mut(login.user()) else {
            return;
        };
        seats.remove(login.place());
        if seats.is_empty() {
            logins.remove(login.user());
        }
    }

    /// The open connections of a user.
    pub(crate) fn links(&self, user: &UserId) -> impl Iterator<Item = Arc<Link>> + use<> {
        let logins = self.of(user.as_str()).into_iter();
        logins.filter_map(|login| login.link())
    }

    /// How many open connections a user has.
    pub(crate) fn count(&self, user: &str) -> usize {
        let logins = self.of(user);
        let links = logins.iter().filter_map(|login| login.link());
        links.filter(|link| link.is_open()).count()
    }

    /// Ends all connections of a user, those on their way in counted among them.
    pub(crate) fn end(&self, user: &str, disconnect: &Disconnect) {
        for login in self.of(user) {
            login.end(disconnect.clone());
        }
    }

    fn of(&self, user: &str) -> Vec<Arc<Login>> {
        let logins = self.logins.lock();
        let seats = logins.get(user).into_iter().flatten();
        seats.map(|(_, login)| Arc::clone(login)).collect()
    }
}
