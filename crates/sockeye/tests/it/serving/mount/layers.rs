//! Ordinary tower layers around mounted sockets.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use sockeye::Hub;
use tower::limit::ConcurrencyLimitLayer;
use tower::{Layer, Service};

use crate::harness::Client;
use crate::serving::echo;
use crate::serving::mount::{introducing, serve};

/// Counts the requests that pass.
#[derive(Clone, Default)]
struct Count(Arc<AtomicUsize>);

#[derive(Clone)]
struct Counting<S>(S, Count);

impl<S> Layer<S> for Count {
    type Service = Counting<S>;

    fn layer(&self, service: S) -> Counting<S> {
        Counting(service, self.clone())
    }
}

impl<S: Service<Request>> Service<Request> for Counting<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> S::Future {
        self.1.0.fetch_add(1, Ordering::Relaxed);
        self.0.call(request)
    }
}

#[tokio::test]
async fn a_layer_sees_the_handshake_and_no_message_after_it() {
    let (outside, inside) = (Count::default(), Count::default());
    let sockets = sockeye::Router::new()
        .fallback(echo())
        .layer(inside.clone());
    let sockets = sockets.route("/echo", sockeye::endpoint(|| crate::serving::Echo));
    let sockets = sockets.layer(inside.clone()).into_service();
    let app = axum::Router::new()
        .nest_service("/ws", sockets)
        .layer(outside.clone());
    let address = serve(app).await;
    let mut socket = Client::connect(address, "/ws/echo", &[]).await.unwrap();
    for n in 0..10 {
        socket.send(n.to_string()).await;
        assert_eq!(socket.text().await, n.to_string());
    }
    let counted = |count: &Count| count.0.load(Ordering::Relaxed);
    assert_eq!((counted(&outside), counted(&inside)), (1, 1));
}

#[tokio::test]
async fn a_limit_of_concurrent_requests_limits_no_open_sockets() {
    let hub = Hub::new();
    let app = axum::Router::new()
        .nest_service("/ws", introducing(&hub, "/rooms/{room}"))
        .layer(ConcurrencyLimitLayer::new(1));
    let address = serve(app).await;
    let mut sockets = Vec::new();
    for _ in 0..5 {
        sockets.push(
            Client::connect(address, "/ws/rooms/lobby", &[])
                .await
                .unwrap(),
        );
    }
    assert_eq!(hub.stats().connections, 5);
}

async fn guard(request: Request, next: Next) -> Response {
    match request.headers().get("authorization") {
        Some(_) => next.run(request).await,
        None => (StatusCode::UNAUTHORIZED, [("x-why", "no token")]).into_response(),
    }
}

#[tokio::test]
async fn a_layer_can_refuse_before_the_upgrade() {
    let hub = Hub::new();
    let app = axum::Router::new()
        .nest_service("/ws", introducing(&hub, "/rooms/{room}"))
        .layer(from_fn(guard));
    let address = serve(app).await;
    let refused = Client::connect(address, "/ws/rooms/lobby", &[])
        .await
        .err()
        .unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(refused.headers()["x-why"], "no token");
    assert_eq!(hub.stats().accepted, 0);
    let token = [("authorization", "Bearer x")];
    let mut socket = Client::connect(address, "/ws/rooms/lobby", &token)
        .await
        .unwrap();
    assert!(socket.text().await.starts_with("lobby at "));
}

#[tokio::test]
async fn a_layer_can_add_to_the_answer() {
    let hub = Hub::new();
    let add = from_fn(|request: Request, next: Next| async move {
        let mut response = next.run(request).await;
        response
            .headers_mut()
            .insert("x-node", "seven".parse().unwrap());
        response
    });
    let app = axum::Router::new()
        .nest_service("/ws", introducing(&hub, "/rooms/{room}"))
        .layer(add);
    let address = serve(app).await;
    let socket = Client::connect(address, "/ws/rooms/lobby", &[])
        .await
        .unwrap();
    assert_eq!(socket.response.headers()["x-node"], "seven");
}
