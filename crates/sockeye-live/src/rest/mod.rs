//! REST: the rows of each model by plain HTTP, at `/api/{table}` and `/api/{table}/{key}`.

mod body;
mod page;
mod problem;
mod read;
mod visit;
mod write;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use sea_orm::DatabaseConnection;
use serde_json::Value;
use sockeye::Router;

pub(crate) use body::is_counted;
pub(crate) use problem::Problem;
pub(crate) use visit::handshake;

use crate::resource::Resource;

/// The methods of the path of all rows.
const ALL: &str = "GET, HEAD, POST, OPTIONS";

/// The methods of the path of one row.
const ONE: &str = "GET, HEAD, PUT, PATCH, DELETE, OPTIONS";

/// Adds the routes of a model.
#[must_use]
pub(crate) fn mount(
    routes: Router<DatabaseConnection>,
    resource: &Arc<Resource>,
) -> Router<DatabaseConnection> {
    let path = format!("/api/{}", resource.table.name());
    let row = format!("{path}/{{key}}");
    let (all, one) = (Arc::clone(resource), Arc::clone(resource));
    routes
        .http(path.as_str(), any(move |request| of_all(all, request)))
        .http(row.as_str(), any(move |request| of_one(one, request)))
}

async fn of_all(resource: Arc<Resource>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let answer = match parts.method {
        Method::GET | Method::HEAD => read::list(&resource, &mut parts).await,
        Method::POST => write::create(&resource, &mut parts, body).await,
        Method::OPTIONS => Ok(options(ALL)),
        _ => Err(Problem::method(ALL)),
    };
    answered(&resource, answer)
}

async fn of_one(resource: Arc<Resource>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let answer = match parts.method {
        Method::GET | Method::HEAD => read::get(&resource, &mut parts).await,
        Method::PUT | Method::PATCH => write::update(&resource, &mut parts, body).await,
        Method::DELETE => write::delete(&resource, &mut parts).await,
        Method::OPTIONS => Ok(options(ONE)),
        _ => Err(Problem::method(ONE)),
    };
    answered(&resource, answer)
}

fn answered(resource: &Resource, answer: Result<Response, Problem>) -> Response {
    unstored(answer.unwrap_or_else(|problem| problem.into_response(&resource.authentication)))
}

/// Says what a path takes, to anybody: it is the same for all models. Whether other sites may ask is for a layer to say.
fn options(allowed: &'static str) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let allowed = HeaderValue::from_static(allowed);
    response.headers_mut().insert(header::ALLOW, allowed);
    response
}

/// Keeps an answer out of caches: it is for one user, and what it tells may be another thing the next moment.
pub(crate) fn unstored(mut response: Response) -> Response {
    let no_store = HeaderValue::from_static("no-store");
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, no_store);
    response
}

/// An answer with JSON in it.
pub(crate) fn json(status: StatusCode, value: &Value) -> Response {
    let mut response = Response::new(Body::from(value.to_string()));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
