//! Access: what a permission decides by.

use std::any::{Any, TypeId, type_name};
use std::fmt;

use crate::auth::{NoObject, NoUser, Permission};
use crate::error::{Error, Result};
use crate::handshake::Handshake;

/// What a [`Permission`] decides by: the user, the object that was loaded, and the request.
#[non_exhaustive]
pub struct Access<'a, U, O = NoObject> {
    /// Who asks; `None` is a client that has not signed in, where an endpoint lets such in.
    pub user: Option<&'a U>,
    /// What it asks for; [`NoObject`] where nothing is loaded.
    pub object: &'a O,
    /// The request that opened the connection, or is about to.
    pub handshake: &'a Handshake,
}

impl<'a, U: 'static, O: 'static> Access<'a, U, O> {
    fn of(handshake: &'a Handshake) -> Result<Self> {
        Ok(Self {
            user: user(handshake)?,
            object: object(handshake)?,
            handshake,
        })
    }
}

impl<U, O> Clone for Access<'_, U, O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<U, O> Copy for Access<'_, U, O> {}

impl<U: fmt::Debug, O: fmt::Debug> fmt::Debug for Access<'_, U, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("user", &self.user)
            .field("object", &self.object)
            .finish_non_exhaustive()
    }
}

/// The user of a handshake, `None` when nobody is signed in.
///
/// # Errors
/// When users of that type were not looked for.
pub(crate) fn user<U: 'static>(handshake: &Handshake) -> Result<Option<&U>> {
    let asked = handshake.known().and_then(|known| known.asked);
    let wanted = TypeId::of::<U>();
    if wanted == TypeId::of::<NoUser>() || asked.is_some_and(|asked| asked() == wanted) {
        return Ok(handshake.user());
    }
    let text = format!(
        "there is no user of type `{}`: the endpoint needs `.authenticate(..)` with authenticators of such users",
        type_name::<U>()
    );
    Err(Error::new(text))
}

/// The object of a handshake.
///
/// # Errors
/// When no object of that type was loaded.
pub(crate) fn object<O: 'static>(handshake: &Handshake) -> Result<&O> {
    let nothing: &dyn Any = &NoObject;
    let object = handshake.object().or_else(|| nothing.downcast_ref());
    object.ok_or_else(|| {
        let text = format!(
            "there is no object of type `{}`: the endpoint needs `.load(..)` with a loader of such objects",
            type_name::<O>()
        );
        Error::new(text)
    })
}

/// That nobody is signed in where somebody must be.
pub(crate) fn signed_out() -> Error {
    Error::refused(401, "sign in first")
}

/// Asks a permission about a handshake.
///
/// # Errors
/// The refusal, with 401 when nobody is signed in and else 403; the permission's own error.
pub(crate) async fn permitted<U, O, P>(handshake: &Handshake, permission: &P) -> Result<()>
where
    U: Sync + 'static,
    O: Sync + 'static,
    P: Permission<U, O>,
{
    let access = Access::of(handshake)?;
    match permission.check(&access).await? {
        true => Ok(()),
        false if access.user.is_none() => Err(signed_out()),
        false => Err(Error::refused(403, "you may not do this")),
    }
}
