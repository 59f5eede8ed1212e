//! Sessions: who signed in by HTTP before, as tower-sessions remembers it.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;

use http::request::Parts;
use serde::de::DeserializeOwned;
use tower_sessions_core::Session;

use crate::auth::{Authenticator, Identity, Recognized};
use crate::error::Error;
use crate::handshake::{Handshake, Rejection};

/// Finds the user of a session; made by [`session`].
pub struct SessionAuthenticator<T, V> {
    key: Cow<'static, str>,
    verify: V,
    value: PhantomData<fn(T)>,
}

/// The user whose session it is: `verify` is an async function of the value that the application's login has put into the
/// session by `key`, and gives what that of [`bearer`](crate::bearer) gives. A session without such a value, or with one
/// that does not fit, is nobody's.
///
/// Sessions are those of tower-sessions 0.15, whose `SessionManagerLayer` is laid around the route
/// ([`Router::layer`](crate::Router::layer)) or the whole service. Browsers send its cookie with whatever page asks, so the
/// endpoint's [origin policy](crate::Endpoint::origin) must not be [`any`](crate::OriginPolicy::any). A login that ends with
/// the session closes open connections by [`Hub::user`](crate::Hub::user).
///
/// Feature `sessions`.
pub fn session<T, V>(key: impl Into<Cow<'static, str>>, verify: V) -> SessionAuthenticator<T, V> {
    SessionAuthenticator {
        key: key.into(),
        verify,
        value: PhantomData,
    }
}

impl<S, T, V, Fut> Authenticator<S> for SessionAuthenticator<T, V>
where
    S: Sync,
    T: DeserializeOwned + Send + 'static,
    V: Fn(T) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: Recognized> + Send,
{
    type User = <Fut::Output as Recognized>::User;

    async fn authenticate(
        &self,
        _: &Handshake,
        parts: &mut Parts,
        _: &S,
    ) -> Result<Option<Identity<Self::User>>, Rejection> {
        let session = parts.extensions.get::<Session>().cloned().ok_or_else(|| {
            let text = "there is no session to look at: lay tower-sessions' SessionManagerLayer around the route";
            Rejection::internal(Error::new(text).into_boxed())
        })?;
        let value = session.get_value(&self.key).await;
        let Some(value) = value.map_err(Rejection::internal)? else {
            return Ok(None);
        };
        match serde_json::from_value(value) {
            Ok(value) => (self.verify)(value).await.into_recognized(),
            Err(error) => {
                tracing::debug!(%error, key = %self.key, "a session holds a value that does not fit");
                Ok(None)
            }
        }
    }
}

impl<T, V> fmt::Debug for SessionAuthenticator<T, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionAuthenticator")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}
