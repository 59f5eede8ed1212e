//! Sockets over HTTP/2 at work: beside each other, beside requests, and at their end.

use std::sync::Arc;

use http::StatusCode;
use parking_lot::Mutex;
use sockeye::{Cause, CloseCode, Context, Disconnect, Handler, Result, Router, endpoint};

use crate::harness::{Running, serve, until};
use crate::serving::echo;
use crate::serving::http2::frames::{CONNECT, HEADERS, REFUSED_STREAM, RST_STREAM, Wire};
use crate::serving::http2::session::Session;

type Causes = Arc<Mutex<Vec<(Cause, Option<CloseCode>)>>>;

/// Notes how its connections end.
struct Noting(Causes);

impl Handler for Noting {
    type Incoming = String;
    type Outgoing = String;

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.join(("room", "lobby")).await
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        match text.as_str() {
            "close" => cx.close(CloseCode::new(4001), "as you wish"),
            _ => cx.broadcast(text)?,
        }
        Ok(())
    }

    async fn on_disconnect(&mut self, _: &mut Context<Self>, disconnect: Disconnect) {
        self.0.lock().push((disconnect.cause(), disconnect.code()));
    }
}

async fn noting() -> (Running, Causes) {
    let causes = Causes::default();
    let noted = Arc::clone(&causes);
    let routes = Router::new().route("/room", endpoint(move || Noting(Arc::clone(&noted))));
    (serve(routes).await, causes)
}

#[tokio::test]
async fn several_sockets_and_requests_share_one_connection() {
    let server = serve(echo()).await;
    let session = Session::connect(server.address).await;
    let mut sockets = Vec::new();
    for _ in 0..10 {
        sockets.push(session.socket("/echo").await);
    }
    for round in 0..3 {
        for (n, socket) in sockets.iter_mut().enumerate() {
            socket.send(format!("{n} in round {round}")).await;
        }
        for (n, socket) in sockets.iter_mut().enumerate().rev() {
            assert_eq!(socket.text().await, format!("{n} in round {round}"));
        }
        assert_eq!(session.get("/").await, (StatusCode::OK, b"a page".to_vec()));
    }
    let stats = server.hub.stats();
    assert_eq!(
        (stats.connections, stats.accepted, stats.polled),
        (10, 10, 10)
    );
}

#[tokio::test]
async fn members_over_http2_and_over_tcp_are_in_one_room() {
    let (server, _) = noting().await;
    let session = Session::connect(server.address).await;
    let mut ada = session.socket("/room").await;
    let mut bob = session.socket("/room").await;
    let mut eve = server.connect("/room").await;
    server.members("room", "lobby", 3).await;
    ada.send("hi").await;
    assert_eq!(ada.text().await, "hi");
    assert_eq!(bob.text().await, "hi");
    assert_eq!(eve.text().await, "hi");
    eve.send("hello").await;
    assert_eq!(ada.text().await, "hello");
}

#[tokio::test]
async fn a_closing_handshake_of_the_client_ends_the_stream_and_no_other() {
    let (server, causes) = noting().await;
    let session = Session::connect(server.address).await;
    let mut leaving = session.socket("/room").await;
    let mut staying = session.socket("/room").await;
    leaving.close(CloseCode::new(4002), "bye").await;
    assert_eq!(leaving.closed().await, Some((4002, "bye".into())));
    // An orderly end is END_STREAM (RFC 8441 5).
    assert_eq!(leaving.into_stream().ended().await, None);
    server.members("room", "lobby", 1).await;
    staying.send("still here").await;
    assert_eq!(staying.text().await, "still here");
    let code = Some(CloseCode::new(4002));
    until("the end of one", || {
        *causes.lock() == [(Cause::PeerClosed, code)]
    })
    .await;
}

#[tokio::test]
async fn a_closing_handshake_of_the_server_ends_the_stream() {
    let (server, causes) = noting().await;
    let session = Session::connect(server.address).await;
    let mut socket = session.socket("/room").await;
    socket.send("close").await;
    assert_eq!(socket.closed().await, Some((4001, "as you wish".into())));
    assert_eq!(socket.into_stream().ended().await, None);
    server.empty().await;
    let code = Some(CloseCode::new(4001));
    assert_eq!(*causes.lock(), [(Cause::ServerClosed, code)]);
}

#[tokio::test]
async fn a_reset_stream_is_a_lost_peer() {
    let (server, causes) = noting().await;
    let session = Session::connect(server.address).await;
    let mut staying = session.socket("/room").await;
    let (stream, _) = session.open("/room", &[]).await.unwrap();
    server.members("room", "lobby", 2).await;
    stream.reset();
    server.members("room", "lobby", 1).await;
    until("the end of one", || {
        *causes.lock() == [(Cause::PeerLost, None)]
    })
    .await;
    staying.send("still here").await;
    assert_eq!(staying.text().await, "still here");
}

#[tokio::test]
async fn a_stream_that_ends_without_a_close_frame_is_a_lost_peer() {
    let (server, causes) = noting().await;
    let session = Session::connect(server.address).await;
    let (mut stream, _) = session.open("/room", &[]).await.unwrap();
    server.members("room", "lobby", 1).await;
    stream.end();
    server.empty().await;
    assert_eq!(*causes.lock(), [(Cause::PeerLost, None)]);
    stream.ended().await;
}

#[tokio::test]
async fn a_lost_connection_loses_all_its_sockets() {
    let (server, causes) = noting().await;
    let session = Session::connect(server.address).await;
    let mut sockets = Vec::new();
    for _ in 0..5 {
        sockets.push(session.socket("/room").await);
    }
    server.members("room", "lobby", 5).await;
    session.driver.abort();
    server.empty().await;
    assert_eq!(*causes.lock(), [(Cause::PeerLost, None); 5]);
}

#[tokio::test]
async fn subprotocols_and_headers_travel_as_over_http1() {
    let routes = Router::new().route(
        "/echo",
        endpoint(|| Noting(Causes::default())).subprotocols(["chat"]),
    );
    let server = serve(routes).await;
    let session = Session::connect(server.address).await;
    let offer = [("sec-websocket-protocol", "other, chat")];
    let (_stream, response) = session.open("/echo", &offer).await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "chat");
    assert!(!response.headers().contains_key("sec-websocket-accept"));
    let foreign = [("origin", "http://elsewhere.example")];
    let refused = session.open("/echo", &foreign).await.err();
    assert_eq!(refused, Some(StatusCode::FORBIDDEN));
    let own = [("origin", "http://localhost")];
    assert!(session.open("/echo", &own).await.is_ok());
}

#[tokio::test]
async fn one_client_has_a_limited_number_of_sockets() {
    let server = serve(echo()).await;
    let mut wire = Wire::connect(server.address).await;
    let streams = |n: u32| 2 * n + 1;
    for n in 0..=128 {
        wire.headers(streams(n), 0, &CONNECT).await;
    }
    let mut accepted = 0;
    let refused = loop {
        let frame = wire.frame().await.unwrap();
        match frame.kind {
            HEADERS => accepted += 1,
            RST_STREAM => break frame,
            _ => {}
        }
    };
    assert_eq!(
        (refused.stream, refused.code()),
        (streams(128), REFUSED_STREAM)
    );
    while accepted < 128 {
        wire.frame_of(HEADERS).await;
        accepted += 1;
    }
    until("128 sockets", || server.hub.stats().connections == 128).await;
    drop(wire);
    server.empty().await;
}
