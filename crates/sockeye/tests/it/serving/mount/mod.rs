//! Mounted into other servers: axum's, and hyper's own.

mod drained;
mod layers;
mod takeover;

use std::net::SocketAddr;

use axum::Router;
use axum::serve::Listener;
use sockeye::{Hub, WebSocket};
use tokio::net::TcpListener;

use crate::harness::Client;

/// An axum application that runs by `axum::serve`, without a word about its clients' addresses.
pub(crate) async fn serve(app: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    run(listener, app);
    address
}

pub(crate) fn run<L>(listener: L, app: Router)
where
    L: Listener<Addr: std::fmt::Debug>,
{
    tokio::spawn(async move { axum::serve(listener, app).await });
}

/// Says once how its client is known, and stays.
pub(crate) async fn introduce(socket: WebSocket) -> sockeye::Result<()> {
    let room = socket.param("room").unwrap_or("nowhere").to_owned();
    let text = format!("{room} at {} of {:?}", socket.url(), socket.address());
    socket.send_text(&text).await?;
    socket.closed().await;
    Ok(())
}

pub(crate) fn introducing(hub: &Hub, pattern: &str) -> sockeye::App {
    sockeye::Router::new()
        .hub(hub)
        .route(pattern, introduce)
        .into_service()
}

async fn says(address: SocketAddr, path: &str) -> String {
    Client::connect(address, path, &[])
        .await
        .unwrap()
        .text()
        .await
}

#[tokio::test]
async fn nested_below_a_prefix_it_sees_the_rest_of_the_path_and_tells_the_whole() {
    let hub = Hub::new();
    let app = Router::new().nest_service("/ws", introducing(&hub, "/rooms/{room}"));
    let address = serve(app).await;
    let told = says(address, "/ws/rooms/lobby?x=1").await;
    assert_eq!(
        told,
        format!("lobby at ws://{address}/ws/rooms/lobby?x=1 of None")
    );
}

#[tokio::test]
async fn as_the_fallback_it_takes_what_no_route_takes() {
    let hub = Hub::new();
    let app = Router::new()
        .route("/rooms/page", axum::routing::get(|| async { "a page" }))
        .fallback_service(introducing(&hub, "/rooms/{room}"));
    let address = serve(app).await;
    assert!(says(address, "/rooms/lobby").await.starts_with("lobby at "));
    let refused = Client::connect(address, "/nowhere", &[])
        .await
        .err()
        .unwrap();
    assert_eq!(refused.status(), 404);
}

#[tokio::test]
async fn as_the_service_of_a_route_it_sees_the_whole_path() {
    let hub = Hub::new();
    let app = Router::new().route_service("/rooms/{room}", introducing(&hub, "/rooms/{room}"));
    let address = serve(app).await;
    assert!(says(address, "/rooms/lobby").await.starts_with("lobby at "));
}

#[tokio::test]
async fn parameters_of_both_routers_reach_the_handler() {
    async fn both(
        axum::extract::Path(tenant): axum::extract::Path<String>,
        sockeye::Path(room): sockeye::Path<String>,
        socket: WebSocket,
    ) -> sockeye::Result<()> {
        socket.send_text(&format!("{room} of {tenant}")).await
    }
    let sockets = sockeye::Router::new()
        .route("/rooms/{room}", both)
        .into_service();
    let app = Router::new().nest_service("/tenants/{tenant}", sockets);
    let address = serve(app).await;
    assert_eq!(
        says(address, "/tenants/acme/rooms/a%2Fb").await,
        "a/b of acme"
    );
}

#[tokio::test]
async fn the_address_of_the_client_is_known_where_the_server_tells_it() {
    let hub = Hub::new();
    let app = Router::new().nest_service("/ws", introducing(&hub, "/rooms/{room}"));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, app).await });
    let tcp = tokio::net::TcpStream::connect(address).await.unwrap();
    let own = tcp.local_addr().unwrap();
    let url = format!("ws://{address}/ws/rooms/lobby");
    let told = Client::open(tcp, &url, &[]).await.unwrap().text().await;
    assert_eq!(told, format!("lobby at {url} of {:?}", Some(own)));
}
