//! Sockeye over real servers of NATS.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends where it fails"
)]

mod access;
mod limits;
mod outage;
mod programs;
mod suite;
mod turn;

use std::future::Future;
use std::time::Duration;

use sockeye::testing::TestServer;
use sockeye::{Context, Handler, Hub, Result, Router, endpoint};
use sockeye_nats::NatsBroker;

/// How long anything may take before a test gives up; no test's outcome depends on being faster.
const PATIENCE: Duration = Duration::from_secs(60);

async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("waited {PATIENCE:?} in vain for {what}"),
    }
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let holding = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    within(what, holding).await;
}

/// A node on a server, ready.
async fn hub(url: &str) -> Hub {
    let hub = Hub::with_broker(NatsBroker::new(url).unwrap());
    within("a session", hub.ready()).await;
    hub
}

/// Joins the room that its client names, and tells of gaps.
struct Member;

impl Handler for Member {
    type Incoming = String;
    type Outgoing = String;

    async fn on_message(&mut self, cx: &mut Context<Self>, room: String) -> Result<()> {
        match cx.join(("room", &room)).await {
            Ok(()) => cx.reply(format!("joined {room}")),
            Err(error) => cx.reply(format!("refused: {error:?}")),
        }
    }

    async fn on_gap(&mut self, cx: &mut Context<Self>, gap: sockeye::Gap) -> Result<()> {
        cx.reply(format!("gap in {}", gap.group))
    }
}

fn serve(hub: &Hub) -> TestServer {
    TestServer::new(Router::new().route("/", endpoint(|| Member)).hub(hub)).patience(PATIENCE)
}
