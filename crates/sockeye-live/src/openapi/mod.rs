//! The OpenAPI document of all models at `/openapi.json`, and a page for people at `/docs`.
//!
//! The document is made for whoever asks: it names the models and operations that the client is permitted, and the columns
//! that it may see. What else there is, is nobody's business who cannot use it.

mod operations;
mod parameters;
mod schema;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use sea_orm::DatabaseConnection;
use sockeye::{Handshake, Router};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, PathsBuilder};

use crate::resource::Resource;
use crate::rest::{self, Problem, unstored};
use crate::rights::Authentication;

/// The page, whole: it asks nobody for anything but the document beside it.
const PAGE: &str = include_str!("page.html");

/// What the page may do: run and dress itself, and ask this server.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Adds the routes of the document and of its page.
#[must_use]
pub(crate) fn mount(
    routes: Router<DatabaseConnection>,
    resources: Vec<Arc<Resource>>,
) -> Router<DatabaseConnection> {
    let resources: Arc<[_]> = resources.into();
    let written = move |request: Request| written(Arc::clone(&resources), request);
    routes
        .http("/openapi.json", get(written))
        .http("/docs", get(async || page()))
}

async fn written(resources: Arc<[Arc<Resource>]>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let mut handshake = rest::handshake(&parts);
    let Some(first) = resources.first() else {
        return answer("application/json", document(&resources, &handshake).await);
    };
    let known = first
        .authentication
        .identify(&mut handshake, &mut parts, &first.database);
    match known.await {
        Ok(()) => answer("application/json", document(&resources, &handshake).await),
        Err(refused) => unstored(Problem::from(refused).into_response(&first.authentication)),
    }
}

/// The document, in the eyes of who sent a request.
async fn document(resources: &[Arc<Resource>], handshake: &Handshake) -> String {
    let mut paths = PathsBuilder::new();
    let mut components = schema::shared(ComponentsBuilder::new());
    let mut tags = Vec::new();
    for resource in resources {
        let Some(shown) = operations::Shown::new(resource, handshake).await else {
            continue;
        };
        paths = shown.paths(paths);
        components = schema::of(components, &shown);
        tags.push(TagBuilder::new().name(resource.table.name()).build());
    }
    let info = InfoBuilder::new()
        .title("Live models")
        .version(env!("CARGO_PKG_VERSION"))
        .build();
    let mut document = OpenApiBuilder::new()
        .info(info)
        .paths(paths)
        .tags(Some(tags));
    let authentication = resources.first().map(|first| &first.authentication);
    if let Some((name, scheme)) = authentication.and_then(scheme) {
        components = components.security_scheme(name, scheme);
        // Signing in is for those who may more than everybody.
        let anybody = SecurityRequirement::default();
        let signed_in = SecurityRequirement::new(name, Vec::<String>::new());
        document = document.security(Some([anybody, signed_in]));
    }
    let document: OpenApi = document.components(Some(components.build())).build();
    document.to_json().unwrap_or_default()
}

/// How to sign in, where it is by a scheme of HTTP.
fn scheme(authentication: &Authentication) -> Option<(&'static str, SecurityScheme)> {
    let challenge = authentication.challenge()?;
    let challenge = challenge.to_str().ok()?.to_ascii_lowercase();
    let (name, scheme) = match () {
        () if challenge.contains("bearer") => ("bearer", HttpAuthScheme::Bearer),
        () if challenge.contains("basic") => ("basic", HttpAuthScheme::Basic),
        () => return None,
    };
    let scheme = HttpBuilder::new().scheme(scheme).build();
    Some((name, SecurityScheme::Http(scheme)))
}

fn page() -> Response {
    let mut page = answer("text/html; charset=utf-8", PAGE.to_owned());
    let policy = HeaderValue::from_static(POLICY);
    page.headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, policy);
    page
}

fn answer(form: &'static str, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = StatusCode::OK;
    let form = HeaderValue::from_static(form);
    response.headers_mut().insert(header::CONTENT_TYPE, form);
    unstored(response)
}
