//! K6: what a handler depends on, taken from the request by extractors; a bad value is a 4xx before the upgrade.

use axum::extract::{FromRequestParts, Query, State};
use axum_extra::TypedHeader;
use axum_extra::extract::CookieJar;
use axum_extra::headers::UserAgent;
use axum_extra::headers::authorization::{Authorization, Basic, Bearer};
use http::header::{HeaderValue, WWW_AUTHENTICATE};
use http::request::Parts;
use serde::Deserialize;
use sockeye::{
    Context, Endpoint, Handler, Path, Rejection, Result, Router, WebSocket, endpoint_with,
};

use crate::contracts::notes::{Notes, notes};
use crate::harness::serve;

#[derive(Deserialize)]
struct Page {
    page: u32,
    #[serde(default)]
    size: Option<u8>,
}

async fn from_path(Path(id): Path<u32>, socket: WebSocket) {
    socket.send(format!("path {id}"));
}

async fn from_query(Query(page): Query<Page>, socket: WebSocket) {
    socket.send(format!("query {} {:?}", page.page, page.size));
}

async fn from_header(TypedHeader(agent): TypedHeader<UserAgent>, socket: WebSocket) {
    socket.send(format!("header {agent}"));
}

/// A cookie that has to be a number, as an extractor of the application's own.
struct Session(u64);

impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let Ok(jar) = CookieJar::from_request_parts(parts, state).await;
        let value = jar.get("session").map(|cookie| cookie.value().parse());
        match value {
            Some(Ok(id)) => Ok(Self(id)),
            Some(Err(_)) => Err(Rejection::bad_request("the session is no number")),
            None => Err(Rejection::forbidden("no session")),
        }
    }
}

async fn from_cookie(session: Session, socket: WebSocket) {
    socket.send(format!("cookie {}", session.0));
}

async fn bearer(
    TypedHeader(Authorization(bearer)): TypedHeader<Authorization<Bearer>>,
    socket: WebSocket,
) {
    socket.send(format!("bearer {}", bearer.token()));
}

async fn basic(
    TypedHeader(Authorization(basic)): TypedHeader<Authorization<Basic>>,
    socket: WebSocket,
) {
    socket.send(format!("basic {} {}", basic.username(), basic.password()));
}

/// A user by an API key, from the application's state: a security scheme that tells what it wants.
struct User(String);

impl FromRequestParts<Keys> for User {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, keys: &Keys) -> Result<Self, Rejection> {
        let sent = parts
            .headers
            .get("x-api-key")
            .and_then(|key| key.to_str().ok());
        match sent {
            Some(key) if key == keys.0 => Ok(Self("ada".to_owned())),
            _ => Err(Rejection::unauthorized("send your key in X-Api-Key")
                .with_header(WWW_AUTHENTICATE, HeaderValue::from_static("ApiKey"))),
        }
    }
}

#[derive(Clone)]
struct Keys(&'static str);

async fn api_key(user: User, State(keys): State<Keys>, socket: WebSocket) {
    socket.send(format!("key {} {}", user.0, keys.0));
}

fn routes() -> Router<Keys> {
    Router::with_state(Keys("k1"))
        .route("/path/{id:int}", from_path)
        .route("/query", from_query)
        .route("/header", from_header)
        .route("/cookie", from_cookie)
        .route("/bearer", bearer)
        .route("/basic", basic)
        .route("/key", api_key)
}

#[tokio::test]
async fn k6_dependencies_from_path_query_header_cookie_and_security_schemes() {
    let server = serve(routes()).await;
    for (path, header, answer) in [
        ("/path/7", ("x", ""), "path 7"),
        ("/query?page=2&size=9", ("x", ""), "query 2 Some(9)"),
        ("/query?page=2", ("x", ""), "query 2 None"),
        ("/header", ("User-Agent", "test/1"), "header test/1"),
        ("/cookie", ("Cookie", "a=b; session=42"), "cookie 42"),
        ("/bearer", ("Authorization", "Bearer t0ken"), "bearer t0ken"),
        (
            "/basic",
            ("Authorization", "Basic YWRhOnB3"),
            "basic ada pw",
        ),
        ("/key", ("X-Api-Key", "k1"), "key ada k1"),
    ] {
        let client = server.try_connect(path, &[header]).await;
        let mut client = client.unwrap_or_else(|no| panic!("{path}: {}", no.status()));
        assert_eq!(client.text().await, answer);
    }
}

#[tokio::test]
async fn k6_a_bad_value_is_a_4xx_before_the_upgrade() {
    let server = serve(routes()).await;
    for (path, header, status) in [
        ("/path/99999999999", ("x", ""), 400),
        ("/query", ("x", ""), 400),
        ("/query?page=two", ("x", ""), 400),
        ("/query?page=2&size=256", ("x", ""), 400),
        ("/header", ("x", ""), 400),
        ("/cookie", ("Cookie", "session=abc"), 400),
        ("/cookie", ("Cookie", "other=1"), 403),
        ("/bearer", ("Authorization", "Basic YWRhOnB3"), 400),
        ("/basic", ("Authorization", "Basic !!!"), 400),
        ("/key", ("X-Api-Key", "k2"), 401),
    ] {
        let response = server.refused(path, &[header]).await;
        assert_eq!(response.status(), status, "{path} {header:?}");
    }
    let refused = server.refused("/key", &[]).await;
    assert_eq!(refused.headers()[WWW_AUTHENTICATE], "ApiKey");
    assert_eq!(server.hub.stats().accepted, 0);
}

/// A view that begins with what it depends on.
struct View {
    user: User,
    id: u32,
    notes: Notes,
}

impl Handler for View {
    type Incoming = String;
    type Outgoing = String;

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        self.notes.write("connect");
        cx.reply(format!("{} at {}", self.user.0, self.id))
    }
}

#[tokio::test]
async fn k6_a_view_is_made_of_its_dependencies() {
    let (notes, mut reader) = notes();
    let view: Endpoint<Keys> = endpoint_with(move |user: User, Path(id): Path<u32>| {
        let notes = notes.clone();
        async move {
            match id {
                0 => Err(Rejection::not_found("there is no thing 0")),
                id => Ok(View { user, id, notes }),
            }
        }
    });
    let server = serve(Router::with_state(Keys("k1")).route("/{id:int}", view)).await;
    let key = ("x-api-key", "k1");
    let client = server.try_connect("/7", &[key]).await;
    let mut client = client.expect("an upgrade");
    assert_eq!(client.text().await, "ada at 7");
    assert_eq!(reader.rest(), ["connect"]);
    for (path, header, status) in [("/7", ("x", ""), 401), ("/0", key, 404)] {
        assert_eq!(server.refused(path, &[header]).await.status(), status);
    }
    assert!(reader.rest().is_empty());
}
