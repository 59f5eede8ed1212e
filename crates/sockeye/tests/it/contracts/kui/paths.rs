//! K7: HTTP and sockets by path, which route wins, mistakes told when the router is built, names back to urls.

use axum::routing::get;
use sockeye::{App, DefaultHandler, Hub, Path, Router, UrlError, WebSocket, endpoint};

use crate::contracts::notes::http;
use crate::harness::serve;

async fn fixed(socket: WebSocket) {
    socket.send("fixed");
}

async fn dynamic(Path(name): Path<String>, socket: WebSocket) {
    socket.send(format!("dynamic {name}"));
}

/// The text with which building a router ends.
fn mistake(build: impl FnOnce() -> Router + std::panic::UnwindSafe) -> String {
    let panic = std::panic::catch_unwind(build).expect_err("a mistake");
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(_) => panic!("a panic with a text"),
    }
}

#[tokio::test]
async fn k7_one_path_serves_http_and_sockets() {
    let routes = Router::new().route("/room/{name}", dynamic).http(
        "/room/{name}",
        get(async |Path(name): Path<String>| format!("page of {name}")),
    );
    let server = serve(routes).await;
    assert_eq!(server.connect("/room/a").await.text().await, "dynamic a");
    let page = http(&server, "GET", "/room/a").await;
    assert!(
        page.starts_with("HTTP/1.1 200") && page.ends_with("page of a"),
        "{page}"
    );
}

#[tokio::test]
async fn k7_static_routes_beat_dynamic_ones_in_any_order() {
    let before = Router::new()
        .route("/room/lobby", fixed)
        .route("/room/{name}", dynamic);
    let after = Router::new()
        .route("/room/{name}", dynamic)
        .route("/room/lobby", fixed);
    for routes in [before, after] {
        let server = serve(routes).await;
        assert_eq!(server.connect("/room/lobby").await.text().await, "fixed");
        assert_eq!(
            server.connect("/room/lobb").await.text().await,
            "dynamic lobb"
        );
    }
}

#[tokio::test]
async fn k7_static_pages_beat_dynamic_ones_as_well() {
    let routes = Router::new()
        .http("/{page}", get(async || "dynamic"))
        .http("/about", get(async || "fixed"));
    let server = serve(routes).await;
    assert!(http(&server, "GET", "/about").await.ends_with("fixed"));
    assert!(http(&server, "GET", "/abou").await.ends_with("dynamic"));
}

#[test]
fn k7_a_conflict_names_both_places() {
    let first = line!() + 2;
    let text = mistake(|| {
        let router = Router::new().route("/room/{name}", fixed);
        router.route("/room/{other}", dynamic)
    });
    for part in [
        format!("`/room/{{name}}` ({}:{first})", file!()),
        format!("`/room/{{other}}` ({}:{})", file!(), first + 1),
    ] {
        assert!(text.contains(&part), "{text:?} names {part:?}");
    }
}

#[test]
fn k7_a_conflict_below_a_prefix_names_both_places() {
    let first = line!() + 2;
    let text = mistake(|| {
        let nested = Router::new().route("/{name}", fixed);
        let router = Router::new().route("/room/{id}", dynamic);
        router.nest("/room", nested)
    });
    for part in [
        format!("`/room/{{name}}` ({}:{first})", file!()),
        format!("`/room/{{id}}` ({}:{})", file!(), first + 1),
    ] {
        assert!(text.contains(&part), "{text:?} names {part:?}");
    }
}

#[test]
fn k7_a_duplicate_name_names_both_places() {
    let first = line!() + 2;
    let text = mistake(|| {
        let router = Router::new().route_named("room", "/a", fixed);
        router.route_named("room", "/b", fixed)
    });
    for part in [
        "the name `room`".to_owned(),
        format!("`/a` ({}:{first})", file!()),
        format!("`/b` ({}:{})", file!(), first + 1),
    ] {
        assert!(text.contains(&part), "{text:?} names {part:?}");
    }
}

#[test]
fn k7_other_mistakes_end_the_build_too() {
    let text = mistake(|| Router::new().route("/room/{name", fixed));
    assert!(text.contains("/room/{name"), "{text}");
    let pages = || get(async || "");
    let text = mistake(|| Router::new().http("/a", pages()).http("/a", pages()));
    assert!(text.contains(file!()), "{text}");
    let text = mistake(|| Router::new().hub(&Hub::new()).hub(&Hub::new()));
    assert!(text.contains("two hubs"), "{text}");
    let text = mistake(|| {
        let nested = Router::new().fallback(axum::Router::new());
        Router::new().nest("/a", nested)
    });
    assert!(text.contains("has a fallback"), "{text}");
}

#[tokio::test]
async fn k7_nested_routers_share_one_hub() {
    let hub = Hub::new();
    let nested = Router::new()
        .hub(&hub)
        .route("/a", endpoint(|| DefaultHandler));
    let app = Router::new().nest("/n", nested).hub(&hub).into_service();
    assert_eq!(app.hub().node(), hub.node());
}

#[tokio::test]
async fn k7_names_lead_back_to_urls() {
    let chat = Router::new()
        .route_named("room", "/rooms/{room:slug}", fixed)
        .route_named("file", "/files/{path:path}", fixed);
    let router = Router::new()
        .route_named("home", "/", fixed)
        .nest_named("chat", "/chat", chat);
    let url = |name, params: &[_]| router.url(name, params);
    assert_eq!(url("home", &[]).unwrap(), "/");
    assert_eq!(
        url("chat:room", &[("room", "lobby")]).unwrap(),
        "/chat/rooms/lobby"
    );
    assert_eq!(
        url("chat:file", &[("path", "a b/ü?")]).unwrap(),
        "/chat/files/a%20b/%C3%BC%3F"
    );
    let unknown = url("room", &[]).unwrap_err();
    assert!(matches!(unknown, UrlError::UnknownName { .. }), "{unknown}");
    let wrong = url("chat:room", &[("room", "a b")]).unwrap_err();
    assert!(matches!(wrong, UrlError::Mismatch { .. }), "{wrong}");
    let missing = url("chat:room", &[]).unwrap_err();
    assert!(matches!(missing, UrlError::Missing { .. }), "{missing}");
}

#[tokio::test]
async fn k7_a_url_from_a_name_leads_to_its_route_from_inside_handlers_too() {
    async fn link(app: App) -> sockeye::Result<String> {
        Ok(app.url("room", &[("name", "a/b ü")])?)
    }
    async fn next(app: App, socket: WebSocket) -> sockeye::Result<()> {
        socket.send(app.url("room", &[("name", "next")])?);
        Ok(())
    }
    let routes = Router::new()
        .route_named("room", "/room/{name}", dynamic)
        .route("/next", next)
        .http("/link", get(link));
    let server = serve(routes).await;
    let page = http(&server, "GET", "/link").await;
    let url = page.lines().last().expect("a body");
    assert_eq!(url, "/room/a%2Fb%20%C3%BC");
    assert_eq!(server.connect(url).await.text().await, "dynamic a/b ü");
    assert_eq!(server.connect("/next").await.text().await, "/room/next");
}
