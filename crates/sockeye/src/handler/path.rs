//! Path: path parameters as an extractor.

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::handshake::{Params, Rejection};

/// Path parameters as a typed value: one value, a tuple of all in their order, or a struct or map by their names. A
/// value that does not parse is a 400; asking for what the route does not have is a mistake of the program, 500.
///
/// For functions, hooks, makers and the handlers of [`Router::http`](crate::Router::http). axum's own `Path` sees only
/// the parameters of an axum router around these routes.
///
/// ```
/// use sockeye::{Path, WebSocket};
///
/// async fn thing(Path(id): Path<u64>, socket: WebSocket) {
///     socket.send(format!("thing {id}"));
/// }
/// # let _: sockeye::Router = sockeye::Router::new().route("/thing/{id:int}", thing);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        let params = parts.extensions.get::<Params>();
        let parsed = params.cloned().unwrap_or_default().parse();
        parsed
            .map(Self)
            .map_err(|error| Rejection::bad_request(error.to_string()))
    }
}
