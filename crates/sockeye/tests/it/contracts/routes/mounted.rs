//! W3: a hook cannot be skipped, however its route is served.

use std::net::SocketAddr;

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use sockeye::{App, Endpoint, IntoEndpoint, Path, Rejection, Result, Router, WebSocket};
use tokio::net::TcpListener;

use crate::harness::{Client, Running, serve};

#[derive(Clone)]
struct Thing(u32);

async fn exists(Path(id): Path<u32>) -> Result<Thing, Rejection> {
    match id {
        0 => Err(Rejection::not_found("no such thing")),
        id => Ok(Thing(id)),
    }
}

async fn show(socket: WebSocket) {
    let thing = socket.state().get::<Thing>().expect("a thing");
    let (id, path) = (thing.0, socket.url().path().to_owned());
    socket.send(format!("{id} at {path}"));
}

fn guarded() -> Endpoint {
    show.handshake(exists)
}

fn plain() -> Router {
    Router::new().route("/thing/{id:int}", guarded())
}

async fn under_axum(app: axum::Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(axum::serve(listener, app).into_future());
    address
}

/// Asks for a thing that exists and for one that does not.
async fn guards(address: SocketAddr, folder: &str) {
    let path = format!("{folder}/thing/7");
    let client = Client::connect(address, &path, &[]).await;
    let mut client = client.unwrap_or_else(|no| panic!("{path}: {}", no.status()));
    assert_eq!(client.text().await, format!("7 at {path}"));

    let path = format!("{folder}/thing/0");
    let Err(response) = Client::connect(address, &path, &[]).await else {
        panic!("{path} was let in");
    };
    assert_eq!(response.status(), 404);
    assert_eq!(response.body().as_deref(), Some(&b"no such thing"[..]));
}

#[tokio::test]
async fn w3_a_hook_is_not_skipped_by_the_own_server() {
    let Running { address, .. } = serve(plain()).await;
    guards(address, "").await;
}

#[tokio::test]
async fn w3_a_hook_is_not_skipped_through_nested_routers() {
    let routes = Router::new().nest("/a", Router::new().nest("/b", plain()));
    guards(serve(routes).await.address, "/a/b").await;
}

#[tokio::test]
async fn w3_a_hook_is_not_skipped_through_layers() {
    let pass = from_fn(async |request: Request, next: Next| next.run(request).await);
    let routes = Router::new()
        .nest("/in", plain().layer(pass.clone()))
        .layer(pass);
    guards(serve(routes).await.address, "/in").await;
}

#[tokio::test]
async fn w3_a_hook_is_not_skipped_below_axum() {
    let app: App = plain().into_service();
    let nested = axum::Router::new().nest_service("/ws", app.clone());
    guards(under_axum(nested).await, "/ws").await;
    let fallback = axum::Router::new().fallback_service(app.clone());
    guards(under_axum(fallback).await, "").await;
    let routed = axum::Router::new().route_service("/thing/{id}", app);
    guards(under_axum(routed).await, "").await;
}

#[tokio::test]
async fn w3_a_hook_is_not_skipped_when_options_come_later() {
    let endpoint = guarded()
        .options(sockeye::Options::default())
        .subprotocols(["x"]);
    let routes = Router::new().route("/thing/{id:int}", endpoint);
    guards(serve(routes).await.address, "").await;
}
