//! Connecting in memory: what a handshake carries, what becomes of a refusal, and what is left in the end.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Json;
use axum::routing::post;
use sockeye::testing::TestServer;
use sockeye::{
    App, Hub, IntoEndpoint, Options, Refusal, Rejection, Router, ServerOptions, WebSocket,
};

use crate::testing_kit::{failure, rooms};

#[tokio::test(start_paused = true)]
async fn c17_two_clients_in_a_room_hear_each_other() {
    let server = rooms();
    let mut ann = server.connect("/chat/lobby").await;
    let mut bob = server.connect("/chat/lobby").await;
    ann.send_text("hi");
    assert_eq!(bob.receive_text().await, "hi");
    assert_eq!(ann.receive_text().await, "hi");
    server.shutdown().await;
}

async fn tell(socket: WebSocket) {
    let header = |name: &str| socket.headers().get(name).unwrap_or("none").to_owned();
    let told = serde_json::json!({
        "path": socket.path(),
        "x": header("x-one"),
        "authorization": header("authorization"),
        "origin": header("origin"),
        "host": header("host"),
        "theme": socket.cookies().get("theme").as_deref().unwrap_or("none"),
        "id": socket.cookies().get("id").as_deref().unwrap_or("none"),
        "q": socket.query().get("q").as_deref().unwrap_or("none"),
        "subprotocol": socket.subprotocol(),
        "peer": socket.address(),
    });
    socket.send(told);
    socket.closed().await;
}

#[tokio::test]
async fn c17_a_handshake_carries_headers_cookies_subprotocols_and_more() {
    let routes = Router::new().route("/tell", tell.subprotocols(["v2", "v1"]));
    let server = TestServer::new(routes);
    let address = SocketAddr::from(([10, 1, 2, 3], 4));
    let mut client = server
        .client("/tell?first=1")
        .query("q", "a b&c")
        .header("x-one", "1")
        .cookie("theme", "dark")
        .cookie("id", "7")
        .subprotocol("v1")
        .subprotocol("v0")
        .origin("http://localhost")
        .bearer("secret")
        .address(address)
        .connect()
        .await;
    assert_eq!(client.subprotocol(), Some("v1"));
    assert_eq!(client.response_headers()["sec-websocket-protocol"], "v1");
    let told: serde_json::Value = client.receive_json().await;
    let expected = serde_json::json!({
        "path": "/tell", "x": "1", "authorization": "Bearer secret", "origin": "http://localhost",
        "host": "localhost", "theme": "dark", "id": "7", "q": "a b&c", "subprotocol": "v1",
        "peer": "10.1.2.3:4",
    });
    assert_eq!(told, expected);
}

async fn members_only() -> Result<(), Rejection> {
    Err(Rejection::forbidden("members only"))
}

fn club(refusal: Refusal) -> TestServer {
    let mut options = Options::default();
    options.refusal = refusal;
    let club = super::echo.handshake(members_only).options(options);
    TestServer::new(Router::new().route("/club", club))
}

#[tokio::test]
async fn c17_a_refusal_is_seen_with_status_headers_and_body() {
    let server = club(Refusal::Http);
    let refused = server.client("/club").try_connect().await.unwrap_err();
    assert_eq!(refused.status, 403);
    assert!(refused.headers.contains_key("content-type"));
    assert!(refused.text().contains("members only"), "{refused}");
    let refused = server.client("/nowhere").try_connect().await.unwrap_err();
    assert_eq!(refused.status, 404);
    let told = failure(async move { drop(server.connect("/club").await) }).await;
    assert!(
        told.contains("/club was refused with 403 Forbidden"),
        "{told}"
    );
    assert!(
        told.contains("members only") && told.contains("connecting.rs"),
        "{told}"
    );
}

#[tokio::test]
async fn c17_a_refusal_over_the_socket_is_asserted_by_its_status() {
    let server = club(Refusal::AcceptThenClose);
    let mut client = server.connect("/club").await;
    let data = client.assert_refused(403).await;
    assert!(data.to_string().contains("members only"), "{data}");
    let told = failure(async move {
        let mut client = server.connect("/club").await;
        client.assert_refused(401).await;
    });
    let told = told.await;
    assert!(told.contains("expected a refusal with 401"), "{told}");
    assert!(
        told.contains("4403") && told.contains("members only"),
        "{told}"
    );
}

#[tokio::test]
async fn c17_an_authentication_frame_is_asserted() {
    async fn welcome(socket: WebSocket) {
        let payload =
            serde_json::json!({"status_code": 200, "status_text": "OK", "data": {"name": "ann"}});
        socket.send(serde_json::json!({"action": "authentication", "payload": payload}));
        socket.send("not that");
        socket.closed().await;
    }
    let server = TestServer::new(Router::new().route("/welcome", welcome));
    let mut client = server.connect("/welcome").await;
    assert_eq!(client.assert_authenticated().await["name"], "ann");
    let told = failure(async move { drop(client.assert_authenticated().await) }).await;
    assert!(
        told.contains("expected an authentication frame") && told.contains("not that"),
        "{told}"
    );
}

#[tokio::test]
async fn c17_http_routes_are_asked_beside_sockets() {
    async fn notify(app: App, Json(text): Json<String>) -> String {
        let room = app.hub().group(("room", "lobby")).unwrap();
        room.broadcast(text).unwrap();
        format!("told {}", room.members())
    }
    let routes = Router::new()
        .route("/chat/{room:slug}", sockeye::endpoint(|| super::Room))
        .http("/notify", post(notify));
    let hub = Hub::new();
    let server = TestServer::new(routes.hub(&hub));
    assert_eq!(server.hub().node(), hub.node());
    let mut client = server.connect("/chat/lobby").await;
    let request = http::Request::post("/notify")
        .header("content-type", "application/json")
        .body("\"dinner\"")
        .unwrap();
    let response = server.http(request).await;
    assert_eq!(
        (response.status().as_u16(), &response.body()[..]),
        (200, &b"told 1"[..])
    );
    assert_eq!(client.receive_text().await, "dinner");
    let lost = server
        .http(http::Request::get("/lost").body("").unwrap())
        .await;
    assert_eq!(lost.status(), 404);
}

#[tokio::test]
async fn c17_the_limits_of_the_listener_hold_in_memory() {
    let mut options = ServerOptions::default();
    options.headers = 8;
    let server = TestServer::with_options(Router::new().route("/echo", super::echo), options);
    let request = (0..10).fold(server.client("/echo"), |request, at| {
        request.header(&format!("x-{at}"), "1")
    });
    assert_eq!(request.try_connect().await.unwrap_err().status, 431);
    server.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn c17_a_shutdown_closes_everybody_and_finds_what_is_left() {
    let server = rooms();
    let mut ann = server.connect("/chat/lobby").await;
    let hub = server.hub().clone();
    assert_eq!(hub.stats().memberships, 1);
    server.shutdown().await;
    assert_eq!(hub.stats().connections, 0);
    assert_eq!(ann.assert_closed(1012).await, "");

    async fn stubborn(socket: WebSocket) {
        socket.after(std::future::pending()).unwrap();
        socket.closed().await;
    }
    let mut options = Options::default();
    options.disconnect_timeout = Duration::from_secs(3600);
    let routes = Router::new().route("/stubborn", stubborn.options(options));
    let server = TestServer::new(routes);
    let _client = server.connect("/stubborn").await;
    let told = failure(server.shutdown()).await;
    assert!(told.contains("connections: 1"), "{told}");
}

#[tokio::test]
async fn c17_a_dropped_server_ends_its_connections() {
    let server = rooms();
    let mut ann = server.connect("/chat/lobby").await;
    let hub = server.hub().clone();
    drop(server);
    ann.closed().await;
    ann.settled().await;
    assert_eq!(hub.stats().connections, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c17_the_kit_works_on_many_threads_too() {
    let server = rooms();
    let mut clients = Vec::new();
    for _ in 0..8 {
        clients.push(server.connect("/chat/lobby").await);
    }
    for round in 0..50 {
        clients[round % 8].send_text(&round.to_string());
        for client in &mut clients {
            let all: Vec<String> = client.receive_all().await;
            assert_eq!(all, [round.to_string()]);
        }
    }
    server.shutdown().await;
}
