//! Who sent a request that opens no connection, and what it may do: the same as for sockets, for plain HTTP.

use http::request::Parts;

use crate::auth::{Authenticator, Identity, Permission, Shown, expired, permitted};
use crate::error::Result;
use crate::handshake::{Handshake, Rejection};

impl Handshake {
    /// Finds out who sent a plain HTTP request, as [`Endpoint::authenticate`](crate::Endpoint::authenticate) does for a
    /// socket: the user is then in [`user`](Self::user), and permissions see it. Who shows no credentials stays nobody.
    ///
    /// The handshake is one of the [parts](Self::from_parts) of the same request.
    ///
    /// # Errors
    /// The authenticator's refusal; 401 when the credentials are not known or have expired.
    ///
    /// # Cancel safety
    /// Dropped at an await point nobody is found.
    pub async fn authenticate<S, M, A: Authenticator<S, M>>(
        &mut self,
        authenticator: &A,
        parts: &mut Parts,
        state: &S,
    ) -> Result<(), Rejection> {
        let found = identify(authenticator, self, parts, state).await?;
        if let Some(identity) = found {
            self.known_mut().user = Some(std::sync::Arc::new(identity.into_user()));
        }
        Ok(())
    }

    /// Asks a permission that looks at no object, after [`authenticate`](Self::authenticate) with authenticators of `U`;
    /// without authenticators users are [`NoUser`](crate::NoUser).
    ///
    /// # Errors
    /// `Refused` with 401 when nobody is signed in, else with 403; the permission's own error; an internal one when users
    /// of another type were looked for.
    ///
    /// # Cancel safety
    /// Dropped early, nothing has happened, but for what the permission did.
    pub async fn permit<U: Sync + 'static, P: Permission<U>>(&self, permission: &P) -> Result<()> {
        permitted(self, permission).await
    }
}

/// Asks an authenticator about a request; `None` is somebody without credentials that it would know.
///
/// # Errors
/// The authenticator's refusal; 401 when the credentials are not known or have expired.
pub(crate) async fn identify<S, M, A: Authenticator<S, M>>(
    authenticator: &A,
    handshake: &mut Handshake,
    parts: &mut Parts,
    state: &S,
) -> Result<Option<Identity<A::User>>, Rejection> {
    let found = authenticator.authenticate(handshake, parts, state).await?;
    handshake.known_mut().asked = Some(std::any::TypeId::of::<A::User>);
    match found {
        Some(identity) if identity.has_expired() => Err(expired().into()),
        None if parts.extensions.get::<Shown>().is_some() => Err(Rejection::unauthorized(
            "the credentials are not known here",
        )),
        found => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;
    use crate::auth::{IsAuthenticated, bearer};

    async fn by_name(token: String) -> Option<String> {
        (token == "jane").then_some(token)
    }

    /// Whom a request shows, or the status of the refusal.
    async fn found(authorization: Option<&str>) -> Result<Option<String>, u16> {
        let mut request = Request::new(());
        if let Some(value) = authorization {
            let value = value.parse().unwrap();
            request.headers_mut().insert("authorization", value);
        }
        let (mut parts, ()) = request.into_parts();
        let mut handshake = Handshake::from_parts(&parts, None, None, false);
        let bearer = bearer(by_name);
        let asked = handshake.authenticate(&bearer, &mut parts, &());
        asked.await.map_err(|refusal| refusal.status().as_u16())?;
        let user = handshake.user::<String>().cloned();
        let permitted = handshake.permit::<String, _>(&IsAuthenticated).await;
        assert_eq!(permitted.is_ok(), user.is_some());
        Ok(user)
    }

    #[tokio::test]
    async fn a_plain_request_has_the_user_that_a_socket_would() {
        assert_eq!(
            found(Some("Bearer jane")).await,
            Ok(Some("jane".to_owned()))
        );
        assert_eq!(found(None).await, Ok(None));
        assert_eq!(found(Some("Bearer john")).await, Err(401));
    }
}
