//! Loader: fetches the object that a connection is about.

use std::future::Future;

use axum::response::IntoResponse;
use http::request::Parts;

use crate::auth::authenticator::ByFunction;
use crate::auth::function::AsyncFunction;
use crate::handshake::Rejection;

/// Fetches the object that a connection is about: an async function of up to five extractors that gives `Option<O>` or
/// `Result<Option<O>, R>`. See [`Endpoint::load`](crate::Endpoint::load).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot load an object",
    label = "not a loader",
    note = "a loader is an `async fn` whose at most five arguments are extractors (`sockeye::Path`, \
            `axum::extract::{{State, Extension}}`, ...) and which gives `Option<O>` or `Result<Option<O>, R>` with \
            `O: Clone + Send + Sync`, `R: IntoResponse`; `None` is a 404"
)]
pub trait Loader<S, M>: Send + Sync + 'static {
    /// What it loads.
    type Object: Clone + Send + Sync + 'static;

    /// Looks for the object that a request names; `None` when there is none.
    ///
    /// # Errors
    /// The answer that the client gets.
    fn load(
        &self,
        parts: &mut Parts,
        state: &S,
    ) -> impl Future<Output = Result<Option<Self::Object>, Rejection>> + Send;
}

/// What a loader may give: `Option<O>` or `Result<Option<O>, R>`.
#[diagnostic::on_unimplemented(
    message = "a loader cannot give `{Self}`",
    label = "expected `Option<O>` or `Result<Option<O>, R>`",
    note = "`O: Clone + Send + Sync` is the object, `None` is a 404, `R: IntoResponse` is another answer"
)]
pub trait Loaded: Send {
    /// What it loads.
    type Object: Clone + Send + Sync + 'static;

    /// The object, if there is one.
    ///
    /// # Errors
    /// The loader's own, as an HTTP answer.
    fn into_loaded(self) -> Result<Option<Self::Object>, Rejection>;
}

impl<O: Clone + Send + Sync + 'static> Loaded for Option<O> {
    type Object = O;

    fn into_loaded(self) -> Result<Self, Rejection> {
        Ok(self)
    }
}

impl<O, R> Loaded for Result<Option<O>, R>
where
    O: Clone + Send + Sync + 'static,
    R: IntoResponse + Send,
{
    type Object = O;

    fn into_loaded(self) -> Result<Option<O>, Rejection> {
        self.map_err(|refusal| refusal.into_response().into())
    }
}

impl<S, M, F> Loader<S, ByFunction<M>> for F
where
    S: Sync,
    F: AsyncFunction<S, M, Output: Loaded>,
{
    type Object = <F::Output as Loaded>::Object;

    async fn load(&self, parts: &mut Parts, state: &S) -> Result<Option<Self::Object>, Rejection> {
        self.call(parts, state).await?.into_loaded()
    }
}
