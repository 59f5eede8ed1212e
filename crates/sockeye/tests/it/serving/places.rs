//! The places of a server: how many may be inside, and that every way out frees one.

use std::sync::Arc;

use parking_lot::Mutex;
use sockeye::{Context, Disconnect, Handler, Result, Router, ServerOptions, endpoint};

use crate::harness::{Raw, Running, serve_with};
use crate::serving::http2::session::Session;
use crate::serving::{answer, echo, echoes, get, stay};

fn room_for(connections: usize) -> ServerOptions {
    let mut options = ServerOptions::default();
    options.connections = connections;
    options.header_timeout = std::time::Duration::from_millis(200);
    options
}

type Guests = Arc<Mutex<Vec<&'static str>>>;

struct Guest(Guests);

impl Handler for Guest {
    type Incoming = String;
    type Outgoing = String;

    async fn on_connect(&mut self, _: &mut Context<Self>) -> Result<()> {
        self.0.lock().push("comes");
        Ok(())
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        cx.reply(text)
    }

    async fn on_disconnect(&mut self, _: &mut Context<Self>, _: Disconnect) {
        self.0.lock().push("goes");
    }
}

#[tokio::test]
async fn who_finds_a_full_house_waits_and_is_served_when_one_leaves() {
    let guests = Guests::default();
    let here = Arc::clone(&guests);
    let routes = Router::new().route("/guests", endpoint(move || Guest(Arc::clone(&here))));
    let server = serve_with(routes, room_for(2)).await;
    let mut inside = [server.raw().await, server.raw().await];
    for raw in &mut inside {
        raw.upgrade("/guests").await;
        echoes(raw, "inside").await;
    }
    let mut third = server.raw().await;
    third
        .write(format!("{}\r\n", Raw::head("/guests")).as_bytes())
        .await;
    // The server has had many turns to let it in.
    for raw in &mut inside {
        for _ in 0..20 {
            echoes(raw, "still inside").await;
        }
    }
    assert_eq!(*guests.lock(), ["comes", "comes"]);

    let [first, _second] = inside;
    drop(first);
    let head = third.read_head().await;
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    echoes(&mut third, "at last").await;
    assert_eq!(*guests.lock(), ["comes", "comes", "goes", "comes"]);
}

#[tokio::test]
async fn http_takes_a_place_as_long_as_it_is_kept_alive() {
    let server = serve_with(echo(), room_for(1)).await;
    let mut browser = server.raw().await;
    get(&mut browser, "/").await;
    let mut socket = server.raw().await;
    socket
        .write(format!("{}\r\n", Raw::head("/echo")).as_bytes())
        .await;
    for _ in 0..20 {
        assert_eq!(get(&mut browser, "/").await.1, b"a page");
    }
    assert_eq!(server.hub.stats().accepted, 0);
    drop(browser);
    assert!(socket.read_head().await.starts_with("HTTP/1.1 101"));
    echoes(&mut socket, "my turn").await;
}

/// With room for one, whoever comes next is served only if the one before left nothing behind.
async fn the_place_is_free(server: &Running) {
    let mut next = server.raw().await;
    next.upgrade("/echo").await;
    echoes(&mut next, "free").await;
    drop(next);
    server.empty().await;
}

#[tokio::test]
async fn every_way_out_frees_the_place() {
    let routes = Router::new().route("/stay", stay);
    let routes = routes.fallback(echo());
    let server = serve_with(routes, room_for(1)).await;
    for way in 0..9 {
        let mut raw = server.raw().await;
        match way {
            0 => {}
            1 => raw.write(b"GET /ec").await,
            2 => {
                raw.write(b"\0\0\0\0").await;
                raw.ended().await;
            }
            3 => raw.ended().await,
            4 => {
                // Refused: the connection is free for other requests, and ends by its deadline.
                raw.write(format!("{}\r\n", Raw::head("/nowhere")).as_bytes())
                    .await;
                assert!(answer(&mut raw).await.0.starts_with("HTTP/1.1 404"));
                raw.ended().await;
            }
            5 => {
                raw.upgrade("/stay").await;
                socket2::SockRef::from(&raw.0)
                    .set_linger(Some(std::time::Duration::ZERO))
                    .unwrap();
            }
            6 => {
                raw.upgrade("/echo").await;
                raw.write(&Raw::masked(0x88, &[])).await;
                raw.ended().await;
            }
            7 => {
                raw.upgrade("/echo").await;
                raw.write(&[0xff; 16]).await;
                raw.ended().await;
            }
            _ => {
                // Gone before it has read the answer.
                let request = format!("{}\r\n", Raw::head("/stay"));
                raw.write(request.as_bytes()).await;
                let now = Some(std::time::Duration::ZERO);
                socket2::SockRef::from(&raw.0).set_linger(now).unwrap();
            }
        }
        drop(raw);
        the_place_is_free(&server).await;
    }
    nobody_else_gets_in(&server).await;
}

/// With room for one, a second is served only if somebody has given back more than one place.
async fn nobody_else_gets_in(server: &Running) {
    let mut inside = server.raw().await;
    inside.upgrade("/echo").await;
    let mut second = server.raw().await;
    second.write(Raw::head("/echo").as_bytes()).await;
    second.write(b"\r\n").await;
    let accepted = server.hub.stats().accepted;
    for _ in 0..20 {
        echoes(&mut inside, "alone").await;
    }
    assert_eq!(server.hub.stats().accepted, accepted);
    drop(inside);
    assert!(second.read_head().await.starts_with("HTTP/1.1 101"));
}

#[tokio::test]
async fn a_connection_of_http2_has_one_place_for_all_its_sockets() {
    let server = serve_with(echo(), room_for(1)).await;
    let session = Session::connect(server.address).await;
    let mut sockets = [session.socket("/echo").await, session.socket("/echo").await];
    let mut waiting = server.raw().await;
    waiting
        .write(format!("{}\r\n", Raw::head("/echo")).as_bytes())
        .await;
    let [first, _] = &mut sockets;
    for _ in 0..20 {
        first.send("still inside").await;
        assert_eq!(first.text().await, "still inside");
    }
    assert_eq!(server.hub.stats().accepted, 2);
    session.driver.abort();
    assert!(waiting.read_head().await.starts_with("HTTP/1.1 101"));
    echoes(&mut waiting, "my turn").await;
}

#[tokio::test]
async fn a_client_that_leaves_while_it_waits_takes_no_place() {
    let server = serve_with(echo(), room_for(1)).await;
    let mut inside = server.raw().await;
    inside.upgrade("/echo").await;
    for _ in 0..10 {
        drop(server.raw().await);
    }
    echoes(&mut inside, "undisturbed").await;
    drop(inside);
    the_place_is_free(&server).await;
}
