//! From the listener to the handler: accepting, HTTP, upgrades, TLS, HTTP/2, mounting, draining.

mod deadlines;
mod deflate;
mod draining;
mod flood;
mod http2;
mod limits;
mod mount;
mod places;
#[cfg(feature = "tls")]
mod tls;
mod upgrades;

use sockeye::{App, Context, Handler, Hub, RawMessage, Result, Router, WebSocket, endpoint};

use crate::harness::Raw;

/// Sends every message back.
pub(crate) struct Echo;

impl Handler for Echo {
    type Incoming = RawMessage;
    type Outgoing = RawMessage;

    async fn on_message(&mut self, cx: &mut Context<Self>, message: RawMessage) -> Result<()> {
        cx.reply(message)
    }
}

/// Stays until its peer leaves.
pub(crate) async fn stay(socket: WebSocket) -> Result<()> {
    socket.closed().await;
    Ok(())
}

/// `/echo` for sockets, and a page at `/`.
pub(crate) fn echo() -> App {
    echo_on(&Hub::new())
}

pub(crate) fn echo_on(hub: &Hub) -> App {
    let page = axum::routing::get(|| async { "a page" });
    let routes = Router::new().route("/echo", endpoint(|| Echo));
    routes.http("/", page).hub(hub).into()
}

/// A request over HTTP/1.1 on a connection that stays open; gives the head and the body of the answer.
pub(crate) async fn get(raw: &mut Raw, path: &str) -> (String, Vec<u8>) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    raw.write(request.as_bytes()).await;
    answer(raw).await
}

/// The head and the body of an answer.
pub(crate) async fn answer(raw: &mut Raw) -> (String, Vec<u8>) {
    let head = raw.read_head().await;
    let length = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length = length.map_or(0, |(_, length)| length.parse().unwrap());
    let body = raw.read(length).await;
    (head, body)
}

/// Sends a text over a socket opened by hand, and expects it back.
pub(crate) async fn echoes(raw: &mut Raw, text: &str) {
    raw.write(&Raw::masked(0x81, text.as_bytes())).await;
    assert_eq!(raw.frame().await, Some((0x81, text.as_bytes().to_vec())));
}
