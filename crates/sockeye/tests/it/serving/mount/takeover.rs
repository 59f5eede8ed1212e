//! The takeover: plain TCP comes out of hyper, whichever server it came in by. A dependency that changes under it would
//! make every connection dearer without a word; these tests would say it.

use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use socket2::{SockRef, Socket};
use sockeye::{Hub, HubOptions};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::mpsc;
use tower::ServiceExt;

use crate::harness::{Client, Raw, serve, within};
use crate::serving::http2::session::Session;
use crate::serving::mount::{introducing, run};
use crate::serving::{echo, echo_on, echoes};

/// A hub whose shards watch their sockets, whatever the environment says.
fn watching() -> Hub {
    let mut options = HubOptions::default();
    options.watch_sockets = true;
    Hub::with_options(options)
}

#[tokio::test]
async fn our_own_server_hands_over_plain_tcp() {
    let server = serve(echo_on(&watching())).await;
    for _ in 0..3 {
        let mut raw = server.raw().await;
        raw.upgrade("/echo").await;
        echoes(&mut raw, "hello").await;
    }
    let stats = server.hub.stats();
    assert_eq!((stats.accepted, stats.polled), (3, 0));
}

#[tokio::test]
async fn axum_hands_over_plain_tcp() {
    let hub = watching();
    let app = echo_on(&hub);
    let address = super::serve(axum::Router::new().fallback_service(app)).await;
    let mut raw = Raw::connect(address).await;
    raw.upgrade("/echo").await;
    echoes(&mut raw, "hello").await;
    assert_eq!((hub.stats().accepted, hub.stats().polled), (1, 0));
}

#[tokio::test]
async fn a_bare_server_of_hyper_hands_over_plain_tcp_and_what_it_read_ahead() {
    let hub = watching();
    let app = echo_on(&hub);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        let service = TowerToHyperService::new(app);
        let http = hyper::server::conn::http1::Builder::new();
        http.serve_connection(TokioIo::new(tcp), service)
            .with_upgrades()
            .await
    });
    let mut raw = Raw::connect(address).await;
    let handshake = format!("{}\r\n", Raw::head("/echo")).into_bytes();
    raw.write(&[handshake, Raw::masked(0x81, b"at once")].concat())
        .await;
    assert!(raw.read_head().await.starts_with("HTTP/1.1 101"));
    assert_eq!(raw.frame().await, Some((0x81, b"at once".to_vec())));
    assert_eq!((hub.stats().accepted, hub.stats().polled), (1, 0));
}

#[tokio::test]
async fn a_mounted_socket_waits_for_no_acknowledgement_either() {
    use axum::serve::ListenerExt;
    let (tell, mut told) = mpsc::channel::<Socket>(1);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    // A second handle to the socket that axum accepts, to look at its options later.
    let listener = listener.tap_io(move |tcp: &mut TcpStream| {
        tell.try_send(SockRef::from(&*tcp).try_clone().unwrap())
            .unwrap();
    });
    run(listener, axum::Router::new().fallback_service(echo()));
    let mut raw = Raw::connect(address).await;
    let accepted = within("a connection", told.recv()).await.unwrap();
    assert!(
        !accepted.tcp_nodelay().unwrap(),
        "axum began to set it by itself"
    );
    raw.upgrade("/echo").await;
    echoes(&mut raw, "hello").await;
    assert!(accepted.tcp_nodelay().unwrap());
}

#[tokio::test]
async fn other_streams_stay_wrapped_and_work_the_same() {
    let hub = Hub::new();
    let app = axum::Router::new().fallback_service(introducing(&hub, "/rooms/{room}"));
    let path = std::env::temp_dir().join(format!("sockeye-{}.socket", hub.node()));
    run(UnixListener::bind(&path).unwrap(), app);
    let stream = UnixStream::connect(&path).await.unwrap();
    let mut socket = Client::open(stream, "ws://localhost/rooms/lobby", &[])
        .await
        .unwrap();
    let told = socket.text().await;
    assert_eq!(told, "lobby at ws://localhost/rooms/lobby of None");
    assert_eq!((hub.stats().accepted, hub.stats().polled), (1, 1));
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn http2_of_another_server_carries_sockets_too() {
    let app = echo();
    let hub = app.hub().clone();
    let address = super::serve(axum::Router::new().fallback_service(app)).await;
    let session = Session::connect(address).await;
    let mut socket = session.socket("/echo").await;
    socket.send("hello").await;
    assert_eq!(socket.text().await, "hello");
    assert_eq!((hub.stats().accepted, hub.stats().polled), (1, 1));
}

#[tokio::test]
async fn a_server_that_cannot_upgrade_is_told_so() {
    let app = echo();
    let hub = app.hub().clone();
    let mut request = http::Request::get("/echo");
    for line in Raw::head("").lines().skip(1) {
        let (name, value) = line.split_once(": ").unwrap();
        request = request.header(name, value);
    }
    let request = request.body(axum::body::Body::empty()).unwrap();
    assert_eq!(app.oneshot(request).await.unwrap().status(), 500);
    assert_eq!((hub.stats().accepted, hub.stats().connections), (0, 0));
}
