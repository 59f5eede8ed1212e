//! What a connection knows of its user and its object.

use crate::auth::access::{object, permitted, signed_out, user};
use crate::auth::{IntoIdentity, Permission, User};
use crate::error::{Error, Result};
use crate::group::Seat;
use crate::socket::Peer;

impl Peer {
    /// The user whom the endpoint's [`authenticate`](crate::Endpoint::authenticate) has found:
    /// `let account: &Account = cx.user()?;`.
    ///
    /// # Errors
    /// `Refused` with 401 when nobody is signed in, where the endpoint lets such clients in. An internal one that names
    /// the type when the endpoint does not authenticate users of type `U`.
    pub fn user<U: User>(&self) -> Result<&U> {
        user(self.handshake())?.ok_or_else(signed_out)
    }

    /// The id of the user, whatever its type; `None` when nobody is signed in.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        Seat::of(self.handshake()).map(|seat| seat.user().as_str())
    }

    /// The object that the endpoint's [`load`](crate::Endpoint::load) has found: `let room: &Room = cx.object()?;`. It is
    /// as it was when the client connected.
    ///
    /// # Errors
    /// An internal one that names the type when the endpoint does not load objects of type `O`.
    pub fn object<O: Send + Sync + 'static>(&self) -> Result<&O> {
        object(self.handshake())
    }

    /// Asks a permission about this connection's user and object: `cx.permit(&IsModerator).await?`. Where it fits several
    /// types, name them: `cx.permit::<Account, Room, _>(&IsAuthenticated)`, with [`NoUser`](crate::NoUser) and
    /// [`NoObject`](crate::NoObject) where there are none.
    ///
    /// # Errors
    /// `Refused` with 401 when nobody is signed in, else with 403; the permission's own error; an internal one that names
    /// the type when the endpoint finds no such user or object.
    ///
    /// # Cancel safety
    /// Dropped early, nothing has happened, but for what the permission did.
    pub async fn permit<U, O, P>(&self, permission: &P) -> Result<()>
    where
        U: Sync + 'static,
        O: Sync + 'static,
        P: Permission<U, O>,
    {
        permitted(self.handshake(), permission).await
    }

    /// Goes on with new credentials of the same user, which the client has sent: the connection now ends when they do. What
    /// [`user`](Self::user) gives stays as the handshake has found it.
    ///
    /// # Errors
    /// `Refused` with 401 when nobody is signed in, or the credentials have run out already; with 403 when they are another
    /// user's.
    pub fn refresh(&self, identity: impl IntoIdentity) -> Result<()> {
        let identity = identity.into_identity();
        let seat = Seat::of(self.handshake()).ok_or_else(signed_out)?;
        if identity.user().user_id() != seat.user().as_str() {
            return Err(Error::refused(403, "these credentials are another user's"));
        }
        if identity.has_expired() {
            return Err(expired());
        }
        seat.set_expiry(identity.expires());
        Ok(())
    }
}

/// That credentials have run out.
pub(crate) fn expired() -> Error {
    Error::refused(401, "the credentials have expired: sign in again")
}
