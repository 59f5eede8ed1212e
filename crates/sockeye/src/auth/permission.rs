//! Permission: whether a user may do something.

use std::future::Future;

use crate::auth::{Access, NoObject, User};
use crate::error::Result;

/// Decides whether a user may connect, or do something with the object of the connection: given to
/// [`Endpoint::permit`](crate::Endpoint::permit), asked by [`Peer::permit`](crate::Peer::permit).
///
/// One that looks at an object names its type, and only fits endpoints that [load](crate::Endpoint::load) such a one;
/// one that looks at none is for any:
///
/// ```
/// use std::borrow::Cow;
/// use sockeye::{Access, Permission, Result, User};
///
/// #[derive(Clone)]
/// struct Account { name: String, moderator: bool }
///
/// impl User for Account {
///     fn user_id(&self) -> Cow<'_, str> {
///         Cow::from(&self.name)
///     }
/// }
///
/// #[derive(Clone)]
/// struct Room { members: Vec<String> }
///
/// struct IsMember;
///
/// impl Permission<Account, Room> for IsMember {
///     async fn check(&self, access: &Access<'_, Account, Room>) -> Result<bool> {
///         Ok(access.user.is_some_and(|account| access.object.members.contains(&account.name)))
///     }
/// }
///
/// struct IsModerator;
///
/// impl<O: Sync> Permission<Account, O> for IsModerator {
///     async fn check(&self, access: &Access<'_, Account, O>) -> Result<bool> {
///         Ok(access.user.is_some_and(|account| account.moderator))
///     }
/// }
/// ```
///
/// An async function is one too: `async fn is_member(access: &Access<'_, Account, Room>) -> Result<bool>`. Several are
/// joined by `&`, `|` and `!`: see [`rule`](crate::rule).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no permission for the user `{U}` and the object `{O}`",
    label = "cannot be asked about a `{U}` and a `{O}`",
    note = "a permission that looks at an object needs `.load(..)` before `.permit(..)`, one that looks at a user needs \
            `.authenticate(..)` before it",
    note = "a permission that looks at no object is for any: `impl<O: Sync> Permission<Account, O> for ..`"
)]
pub trait Permission<U, O = NoObject>: Send + Sync + 'static {
    /// Decides. False refuses: with 401 when nobody is signed in, else with 403.
    ///
    /// # Errors
    /// [`Error::refused`](crate::Error::refused) refuses with its own status and text, any other error with 500 and
    /// without its text.
    ///
    /// # Cancel safety
    /// Dropped at an await point when the client leaves or a timeout passes.
    fn check(&self, access: &Access<'_, U, O>) -> impl Future<Output = Result<bool>> + Send;
}

/// Permits everybody who is signed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IsAuthenticated;

impl<U: User, O: Sync> Permission<U, O> for IsAuthenticated {
    async fn check(&self, access: &Access<'_, U, O>) -> Result<bool> {
        Ok(access.user.is_some())
    }
}

/// Permits everybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AllowAny;

impl<U: Sync, O: Sync> Permission<U, O> for AllowAny {
    async fn check(&self, _: &Access<'_, U, O>) -> Result<bool> {
        Ok(true)
    }
}

/// An async function of an [`Access`].
#[doc(hidden)]
pub trait Check<'a, U: 'a, O: 'a>: Send + Sync {
    fn call(&self, access: &'a Access<'a, U, O>) -> impl Future<Output = Result<bool>> + Send;
}

impl<'a, U: 'a, O: 'a, F, Fut> Check<'a, U, O> for F
where
    F: Fn(&'a Access<'a, U, O>) -> Fut + Send + Sync,
    Fut: Future<Output = Result<bool>> + Send + 'a,
{
    fn call(&self, access: &'a Access<'a, U, O>) -> impl Future<Output = Result<bool>> + Send {
        self(access)
    }
}

impl<U, O, F> Permission<U, O> for F
where
    U: Sync + 'static,
    O: Sync + 'static,
    // The first bound tells the compiler that no type of its own is meant, the second that the future can be sent.
    F: AsyncFn(&Access<'_, U, O>) -> Result<bool> + for<'a> Check<'a, U, O> + 'static,
{
    async fn check(&self, access: &Access<'_, U, O>) -> Result<bool> {
        Check::call(self, access).await
    }
}
