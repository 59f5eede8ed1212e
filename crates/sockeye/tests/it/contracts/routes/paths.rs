//! W1 and W2: handlers by path with parameters, and clients whose path leads nowhere.

use axum::routing::get;
use sockeye::{Context, Handler, Path, Result, Router, Unmatched, WebSocket, endpoint};

use crate::contracts::notes::http;
use crate::harness::{Raw, serve};

async fn list(socket: WebSocket) {
    socket.send("all things");
}

/// Sends the path and the parameter, as the example of websockets-routes does.
async fn detail(socket: WebSocket) -> Result<()> {
    socket.send(socket.path().into_owned());
    socket.send(socket.param("id")?);
    Ok(())
}

struct Detail;

impl Handler for Detail {
    type Incoming = String;
    type Outgoing = String;

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.reply(cx.path().into_owned())?;
        cx.reply(cx.param("id")?.to_owned())
    }
}

fn things() -> Router {
    Router::new()
        .route("/thing/", list)
        .route("/thing/{id}", detail)
        .route("/view/{id}", endpoint(|| Detail))
}

#[tokio::test]
async fn w1_paths_lead_to_handlers_that_see_them_and_their_parameters() {
    let server = serve(things()).await;
    assert_eq!(server.connect("/thing/").await.text().await, "all things");
    for form in ["thing", "view"] {
        let mut client = server.connect(&format!("/{form}/123")).await;
        assert_eq!(client.text().await, format!("/{form}/123"));
        assert_eq!(client.text().await, "123");
    }
}

#[tokio::test]
async fn w1_parameters_are_percent_decoded_and_keep_what_was_encoded() {
    let server = serve(things()).await;
    for (sent, path, id) in [
        ("a%20b", "a b", "a b"),
        ("caf%C3%A9", "café", "café"),
        ("a%2Fb", "a/b", "a/b"),
        ("a%3Fb%26c", "a?b&c", "a?b&c"),
        ("100%25", "100%", "100%"),
        ("a+b", "a+b", "a+b"),
    ] {
        let mut client = server.connect(&format!("/thing/{sent}")).await;
        assert_eq!(client.text().await, format!("/thing/{path}"));
        assert_eq!(client.text().await, id);
    }
}

#[tokio::test]
async fn w1_the_query_is_never_inside_a_parameter() {
    let server = serve(things()).await;
    for query in ["?x=1", "?", "?a/b", "?x=1?y=2"] {
        let mut client = server.connect(&format!("/thing/123{query}")).await;
        assert_eq!(client.text().await, "/thing/123");
        assert_eq!(client.text().await, "123");
    }
    let mut client = server.connect("/thing/?id=5").await;
    assert_eq!(client.text().await, "all things");
}

#[tokio::test]
async fn w1_functions_take_parameters_by_extractor_too() {
    async fn typed(Path((kind, id)): Path<(String, u64)>, socket: WebSocket) {
        socket.send(format!("{kind} {id}"));
    }
    let server = serve(Router::new().route("/{kind}/{id:int}", typed)).await;
    assert_eq!(
        server.connect("/sea%20lion/7?x").await.text().await,
        "sea lion 7"
    );
}

#[tokio::test]
async fn w2_a_path_without_route_is_404_during_the_handshake() {
    let server = serve(things()).await;
    for path in [
        "/",
        "/things/1",
        "/thing",
        "/thing/1/2",
        "/thing/1/",
        "/THING/1",
    ] {
        let response = server.refused(path, &[]).await;
        assert_eq!(response.status(), 404, "{path}");
        let body = String::from_utf8(response.into_body().unwrap()).unwrap();
        assert_eq!(body, "there is nothing at this address");
    }
    assert_eq!(server.hub.stats().accepted, 0);
    let page = http(&server, "GET", "/nowhere").await;
    assert!(page.starts_with("HTTP/1.1 404"), "{page}");
}

#[tokio::test]
async fn w2_or_it_is_accepted_and_closed_with_4040_by_choice() {
    let routes = things().unmatched(Unmatched::AcceptThenClose);
    let server = serve(routes).await;
    let mut client = server.connect("/nowhere").await;
    client.send("is anybody there?").await;
    assert_eq!(client.closed().await, Some((4040, String::new())));
    server.empty().await;

    let page = http(&server, "GET", "/nowhere").await;
    assert!(page.starts_with("HTTP/1.1 404"), "HTTP stays HTTP: {page}");
    assert_eq!(server.connect("/thing/").await.text().await, "all things");
}

#[tokio::test]
async fn w2_the_choice_holds_beside_http_routes_and_a_fallback() {
    let pages = || {
        things()
            .http("/page/{rest:path}", get(async || "a page"))
            .fallback(axum::Router::new().fallback(async || "the fallback"))
    };
    let closing = serve(pages().unmatched(Unmatched::AcceptThenClose)).await;
    for path in ["/page/x", "/nowhere"] {
        let mut client = closing.connect(path).await;
        assert_eq!(client.closed().await, Some((4040, String::new())), "{path}");
    }
    assert!(http(&closing, "GET", "/page/x").await.ends_with("a page"));
    assert!(
        http(&closing, "GET", "/nowhere")
            .await
            .ends_with("the fallback")
    );

    let refusing = serve(pages()).await;
    let response = refusing.refused("/nowhere", &[]).await;
    assert_eq!(response.status(), 200, "the fallback may know better");
}

#[tokio::test]
async fn w2_a_broken_handshake_is_refused_even_where_strangers_are_accepted() {
    let server = serve(things().unmatched(Unmatched::AcceptThenClose)).await;
    let mut raw = server.raw().await;
    let head = Raw::head("/nowhere").replace("dGhlIHNhbXBsZSBub25jZQ==", "short");
    raw.write(format!("{head}\r\n").as_bytes()).await;
    assert!(raw.read_head().await.starts_with("HTTP/1.1 400"));
}
