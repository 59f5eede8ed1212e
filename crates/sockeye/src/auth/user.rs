//! User: whom an application knows its clients as.

use std::borrow::Cow;
use std::sync::Arc;

use uuid::Uuid;

/// Whom an application knows a client as: an account, an id, a device. Authenticators find it, permissions judge it,
/// handlers read it by [`Peer::user`](crate::Peer::user).
///
/// ```
/// use std::borrow::Cow;
///
/// #[derive(Clone)]
/// struct Account { name: String, moderator: bool }
///
/// impl sockeye::User for Account {
///     fn user_id(&self) -> Cow<'_, str> {
///         Cow::from(&self.name)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no user",
    label = "`User` is not implemented for this",
    note = "write `impl sockeye::User for {Self}` with `fn user_id(&self) -> Cow<'_, str>`; `String`, `u64`, `i64` and \
            `uuid::Uuid` are users by themselves",
    note = "an endpoint whose clients are nobody in particular gets its users by `.authenticate(..)`"
)]
pub trait User: Clone + Send + Sync + 'static {
    /// What tells this user from all others, at every endpoint of a hub: the same for all connections of the user, and
    /// of no other. [`Hub::user`](crate::Hub::user) finds connections by it.
    fn user_id(&self) -> Cow<'_, str>;
}

impl User for String {
    fn user_id(&self) -> Cow<'_, str> {
        Cow::from(self)
    }
}

macro_rules! shown {
    ($($user:ty),*) => {
        $(impl User for $user {
            fn user_id(&self) -> Cow<'_, str> {
                Cow::from(self.to_string())
            }
        })*
    };
}

shown!(u64, i64, Uuid);

impl<U: User> User for Arc<U> {
    fn user_id(&self) -> Cow<'_, str> {
        U::user_id(self)
    }
}

/// The user of an endpoint that does not authenticate: there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoUser {}

/// The object of an endpoint that loads none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoObject;
