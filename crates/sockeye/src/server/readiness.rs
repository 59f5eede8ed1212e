//! Readiness as the answer to a load balancer.

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::broker::Readiness;

impl IntoResponse for Readiness {
    /// 200, or 503. The reason stays inside: anybody may ask.
    fn into_response(self) -> Response {
        match self.is_ready() {
            true => (StatusCode::OK, "ready\n").into_response(),
            false => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response(),
        }
    }
}
