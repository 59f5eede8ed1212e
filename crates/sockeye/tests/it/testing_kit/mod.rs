//! The testing kit, by which applications test their handlers: every verb, every fault, and what a failing test is told.

mod broker_suite;
mod capture;
mod connecting;
mod faults;
mod receiving;
mod time;

use std::future::Future;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use sockeye::testing::TestServer;
use sockeye::{Context, Handler, RawMessage, Result, Router, WebSocket, endpoint};

/// Everything a client sends goes to everybody in the room, itself included.
struct Room;

impl Handler for Room {
    type Incoming = RawMessage;
    type Outgoing = RawMessage;

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.join(("room", cx.param("room")?)).await
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, message: RawMessage) -> Result<()> {
        cx.broadcast(message)
    }
}

async fn echo(mut socket: WebSocket) {
    while let Some(message) = socket.receive().await {
        socket.send(message);
    }
}

fn rooms() -> TestServer {
    let routes = Router::new()
        .route("/chat/{room:slug}", endpoint(|| Room))
        .route("/echo", echo);
    TestServer::new(routes)
}

/// What a test that fails in this way is told.
async fn failure(test: impl Future<Output = ()>) -> String {
    let failed = AssertUnwindSafe(test).catch_unwind().await;
    let panic = failed.expect_err("it fails");
    *panic.downcast::<String>().unwrap()
}
