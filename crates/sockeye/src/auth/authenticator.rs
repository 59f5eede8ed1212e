//! Authenticator: finds out who a client is.

use std::future::Future;

use axum::response::IntoResponse;
use http::HeaderValue;
use http::request::Parts;

use crate::auth::function::AsyncFunction;
use crate::auth::{Identity, IntoIdentity, User};
use crate::handshake::{Handshake, Rejection};

/// Finds out who a client is, from anything in its request: given to
/// [`Endpoint::authenticate`](crate::Endpoint::authenticate).
///
/// Ready ones are [`bearer`](crate::bearer), [`token`](crate::token), [`basic`](crate::basic),
/// [`api_key_header`](crate::api_key_header) and its like, [`bearer_subprotocol`](crate::bearer_subprotocol),
/// [`Tickets`](crate::Tickets), and `session` and `jwt` with the features of these names.
///
/// One of one's own is an async function of up to five extractors that gives `Option<T>` or `Result<Option<T>, R>`,
/// where `T` is the user or an [`Identity`] and `R` an HTTP response; or a type:
///
/// ```
/// use http::request::Parts;
/// use sockeye::{Authenticator, Handshake, Identity, Rejection};
///
/// /// Trusts a proxy that has authenticated the client already.
/// struct Proxy;
///
/// impl<S: Sync> Authenticator<S> for Proxy {
///     type User = String;
///
///     async fn authenticate(&self, handshake: &Handshake, _: &mut Parts, _: &S)
///         -> Result<Option<Identity<String>>, Rejection> {
///         let name = handshake.headers().get("x-forwarded-user");
///         Ok(name.map(|name| Identity::new(name.to_owned())))
///     }
/// }
/// ```
///
/// A tuple of up to six authenticators of the same user is asked in order: the first that recognises the client counts,
/// an error stops, `None` goes on to the next.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not authenticate",
    label = "not an authenticator",
    note = "an authenticator is an `async fn` whose at most five arguments are extractors and which gives `Option<U>` or \
            `Result<Option<U>, R>` with `U: User` or `Identity<U>`, `R: IntoResponse`; or one of `bearer(..)`, `token(..)`, \
            `basic(..)`, `api_key_header(..)`, ...; or a type with `impl Authenticator<S>`",
    note = "a tuple of up to six is tried in order: all of them find users of the same type"
)]
pub trait Authenticator<S, M = ()>: Send + Sync + 'static {
    /// Whom it finds.
    type User: User;

    /// Looks for the user in a request; `None` when there is nothing in it that this authenticator knows.
    ///
    /// # Errors
    /// The answer that the client gets, whatever other authenticators would have said.
    ///
    /// # Cancel safety
    /// Dropped at an await point when the client leaves or the handshake timeout passes.
    fn authenticate(
        &self,
        handshake: &Handshake,
        parts: &mut Parts,
        state: &S,
    ) -> impl Future<Output = Result<Option<Identity<Self::User>>, Rejection>> + Send;

    /// What goes into the `WWW-Authenticate` header of a 401: the schemes of HTTP that it takes, such as `Bearer`. Asked
    /// once, when the endpoint is built; none by default.
    fn challenges(&self) -> Vec<HeaderValue> {
        Vec::new()
    }
}

/// What a function that authenticates, or that verifies a credential, may give: `Option<T>` or `Result<Option<T>, R>`,
/// where `T` is a user or an [`Identity`].
#[diagnostic::on_unimplemented(
    message = "an authenticator cannot give `{Self}`",
    label = "expected `Option<U>` or `Result<Option<U>, R>`",
    note = "`U` is a `User` or an `Identity` of one, `None` is somebody unknown, `R: IntoResponse` is the answer that stops"
)]
pub trait Recognized: Send {
    /// Whom it recognises.
    type User: User;

    /// The user, if there is one.
    ///
    /// # Errors
    /// The function's own, as an HTTP answer.
    fn into_recognized(self) -> Result<Option<Identity<Self::User>>, Rejection>;
}

impl<T: IntoIdentity + Send> Recognized for Option<T> {
    type User = T::User;

    fn into_recognized(self) -> Result<Option<Identity<T::User>>, Rejection> {
        Ok(self.map(IntoIdentity::into_identity))
    }
}

impl<T: IntoIdentity + Send, R: IntoResponse + Send> Recognized for Result<Option<T>, R> {
    type User = T::User;

    fn into_recognized(self) -> Result<Option<Identity<T::User>>, Rejection> {
        match self {
            Ok(recognized) => recognized.into_recognized(),
            Err(refusal) => Err(refusal.into_response().into()),
        }
    }
}

/// Marks functions among authenticators and loaders.
#[derive(Debug)]
pub struct ByFunction<M>(std::marker::PhantomData<M>);

impl<S, M, F> Authenticator<S, ByFunction<M>> for F
where
    S: Sync,
    F: AsyncFunction<S, M, Output: Recognized>,
{
    type User = <F::Output as Recognized>::User;

    async fn authenticate(
        &self,
        _: &Handshake,
        parts: &mut Parts,
        state: &S,
    ) -> Result<Option<Identity<Self::User>>, Rejection> {
        self.call(parts, state).await?.into_recognized()
    }
}
