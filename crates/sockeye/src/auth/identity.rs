//! Identity: a user, and for how long a client is one.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::auth::User;

/// A user as an authenticator has recognised it, and when its credentials end. The connection is closed then, with 4401
/// "token expired", unless it was [refreshed](crate::Peer::refresh).
///
/// ```
/// use std::time::Duration;
/// use sockeye::Identity;
///
/// let guest = Identity::new("guest".to_owned()).expires_in(Duration::from_secs(600));
/// # let _ = guest;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity<U> {
    user: U,
    expires: Option<Instant>,
}

impl<U: User> Identity<U> {
    /// A user for as long as the connection lasts.
    #[must_use]
    pub fn new(user: U) -> Self {
        let expires = None;
        Self { user, expires }
    }

    /// Sets the time at which the credentials end, as the clock tells it now; a later change of the clock does not move
    /// it. One that is past refuses the client.
    #[must_use]
    pub fn expires_at(self, time: SystemTime) -> Self {
        let left = time.duration_since(SystemTime::now());
        self.expires_in(left.unwrap_or_default())
    }

    /// Sets how long the credentials last from now on. Longer than a clock can tell is for ever.
    #[must_use]
    pub fn expires_in(mut self, left: Duration) -> Self {
        self.expires = Instant::now().checked_add(left);
        self
    }

    /// The user.
    #[must_use]
    pub fn user(&self) -> &U {
        &self.user
    }

    pub(crate) fn expires(&self) -> Option<Instant> {
        self.expires
    }

    pub(crate) fn has_expired(&self) -> bool {
        self.expires.is_some_and(|at| at <= Instant::now())
    }

    pub(crate) fn into_user(self) -> U {
        self.user
    }
}

/// What authenticators may give for a user: the user alone, or an [`Identity`].
pub trait IntoIdentity {
    /// The user's type.
    type User: User;

    /// The identity that it is.
    fn into_identity(self) -> Identity<Self::User>;
}

impl<U: User> IntoIdentity for U {
    type User = U;

    fn into_identity(self) -> Identity<U> {
        Identity::new(self)
    }
}

impl<U: User> IntoIdentity for Identity<U> {
    type User = U;

    fn into_identity(self) -> Self {
        self
    }
}
