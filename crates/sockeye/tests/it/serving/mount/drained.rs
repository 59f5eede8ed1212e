//! The end of a mounted server: its graceful shutdown for HTTP, the hub's drain for sockets.

use std::time::Duration;

use sockeye::CloseCode;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::harness::{Client, until, within};
use crate::serving::echo;
use crate::serving::http2::session::Session;

#[tokio::test]
async fn a_graceful_shutdown_and_a_drain_see_everybody_off() {
    let sockets = echo();
    let hub = sockets.hub().clone();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(async move {
        let app = axum::Router::new().fallback_service(sockets);
        let stopped = async { drop(stopped.await) };
        axum::serve(listener, app)
            .with_graceful_shutdown(stopped)
            .await
    });
    let mut clients = Vec::new();
    for _ in 0..10 {
        clients.push(Client::connect(address, "/echo", &[]).await.unwrap());
    }
    stop.send(()).unwrap();
    within("axum's end", serving).await.unwrap().unwrap();
    // axum has let go of the sockets long before; they are ours, and still work.
    for client in &mut clients {
        client.send("still here").await;
        assert_eq!(client.text().await, "still here");
    }
    let seeing_off = async {
        for client in &mut clients {
            assert_eq!(client.closed().await, Some((1012, String::new())));
        }
    };
    let drain = hub.drain(CloseCode::RESTART, Duration::from_millis(50));
    within("the drain", async { tokio::join!(drain, seeing_off) }).await;
    assert_eq!(hub.stats().connections, 0);
}

#[tokio::test]
async fn sockets_over_http2_are_drained_before_axum_waits_for_their_connection() {
    let sockets = echo();
    let hub = sockets.hub().clone();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let drained = hub.clone();
    let serving = tokio::spawn(async move {
        let app = axum::Router::new().fallback_service(sockets);
        let ending = async move {
            let _ = stopped.await;
            drained.drain(CloseCode::RESTART, Duration::ZERO).await;
        };
        axum::serve(listener, app)
            .with_graceful_shutdown(ending)
            .await
    });
    let session = Session::connect(address).await;
    let mut over_http2 = session.socket("/echo").await;
    let mut over_tcp = Client::connect(address, "/echo", &[]).await.unwrap();
    until("two sockets", || hub.stats().connections == 2).await;
    stop.send(()).unwrap();
    assert_eq!(over_http2.closed().await, Some((1012, String::new())));
    assert_eq!(over_tcp.closed().await, Some((1012, String::new())));
    within("axum's end", serving).await.unwrap().unwrap();
    assert_eq!(hub.stats().connections, 0);
}

#[tokio::test]
async fn who_comes_during_a_drain_is_told_to_come_back() {
    let sockets = echo();
    let hub = sockets.hub().clone();
    let address = super::serve(axum::Router::new().fallback_service(sockets)).await;
    within(
        "a drain of nobody",
        hub.drain(CloseCode::RESTART, Duration::ZERO),
    )
    .await;
    let mut late = Client::connect(address, "/echo", &[]).await.unwrap();
    assert_eq!(late.closed().await, Some((1012, String::new())));
}
