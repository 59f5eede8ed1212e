//! Extracting: one of axum's extractors at work on a handshake.

use axum::extract::FromRequestParts;
use axum::response::IntoResponse;
use http::request::Parts;

use crate::handshake::Rejection;

/// Runs one extractor; its refusal is an HTTP answer.
pub(crate) async fn extract<T: FromRequestParts<S>, S: Send + Sync>(
    parts: &mut Parts,
    state: &S,
) -> Result<T, Rejection> {
    T::from_request_parts(parts, state)
        .await
        .map_err(|refusal| refusal.into_response().into())
}
