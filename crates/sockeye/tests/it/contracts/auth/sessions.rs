//! Sessions of tower-sessions: signed in by HTTP, recognised by the cookie.
#![cfg(feature = "sessions")]

use axum::routing::post;
use sockeye::{Router, endpoint, session};
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};

use crate::contracts::auth::{Account, Greeter, enter};
use crate::contracts::notes::http;
use crate::harness::{Log, serve};

async fn account(name: String) -> Option<Account> {
    (name != "gone").then(|| Account::named(&name))
}

async fn sign_in(session: axum::Extension<Session>, name: String) {
    let value = match name.as_str() {
        "number" => serde_json::json!(7),
        name => serde_json::json!(name),
    };
    session.insert("account", value).await.unwrap();
}

async fn sign_out(session: axum::Extension<Session>) {
    session.flush().await.unwrap();
}

#[tokio::test]
async fn c1_the_user_of_a_session_gets_in_by_its_cookie() {
    let routes = Router::new()
        .http(
            "/in/{name}",
            post(|session, sockeye::Path(name): sockeye::Path<String>| sign_in(session, name)),
        )
        .http("/out", post(sign_out))
        .route(
            "/",
            endpoint(|| Greeter).authenticate(session("account", account)),
        )
        .layer(SessionManagerLayer::new(MemoryStore::default()).with_secure(false));
    let server = serve(routes).await;
    let mut cookies = Vec::new();
    for name in ["ann", "gone", "number"] {
        let answer = http(&server, "POST", &format!("/in/{name}")).await;
        let cookie = answer
            .lines()
            .find_map(|line| line.strip_prefix("set-cookie: "));
        let cookie = cookie
            .and_then(|cookie| cookie.split(';').next())
            .expect("a cookie");
        cookies.push(cookie.to_owned());
    }
    let mut client = enter(&server, "/", &[("cookie", &cookies[0])]).await;
    assert_eq!(client.text().await, "hello ann");
    for stranger in [
        &*cookies[1],
        &cookies[2],
        "id=AAAAAAAAAAAAAAAAAAAAAA",
        "id=",
        "a=b",
    ] {
        let refused = server.refused("/", &[("cookie", stranger)]).await;
        assert_eq!(refused.status(), 401, "{stranger}");
        assert!(!refused.headers().contains_key("www-authenticate"));
    }
    // A page of another origin is refused before its cookies are looked at.
    let foreign = [("cookie", &*cookies[0]), ("origin", "https://evil.example")];
    assert_eq!(server.refused("/", &foreign).await.status(), 403);
}

#[tokio::test]
async fn c1_a_session_that_nobody_manages_is_a_mistake_that_the_log_explains() {
    let log = Log::catch();
    let endpoint = endpoint(|| Greeter).authenticate(session("account", account));
    let server = serve(Router::new().route("/", endpoint)).await;
    assert_eq!(server.refused("/", &[]).await.status(), 500);
    assert_eq!(
        log.lines(&["SessionManagerLayer around the route"]).len(),
        1
    );
}
