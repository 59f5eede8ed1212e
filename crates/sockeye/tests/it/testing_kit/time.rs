//! Paused time: every timer of a server follows tokio's clock, and no test waits.

use std::time::Duration;

use sockeye::testing::TestServer;
use sockeye::{Context, Handler, IntoEndpoint, Options, RawMessage, Result, Router, endpoint};
use tokio::time::{Instant, sleep};

use crate::testing_kit::echo;

fn server(change: impl FnOnce(&mut Options)) -> TestServer {
    let mut options = Options::default();
    change(&mut options);
    TestServer::new(Router::new().route("/echo", echo.options(options)))
}

/// Asserts that the time since `start` is what it should be, but for the sweep that notices it.
#[track_caller]
fn assert_took(start: Instant, seconds: u64) {
    let took = start.elapsed();
    let expected = Duration::from_secs(seconds);
    assert!(
        took >= expected && took <= expected + Duration::from_secs(2),
        "{took:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn c17_a_client_that_answers_pings_stays_for_a_day() {
    let server = server(|_| {});
    let mut client = server.connect("/echo").await;
    sleep(Duration::from_secs(24 * 3600)).await;
    client.send_text("still here");
    assert_eq!(client.receive_text().await, "still here");
    server.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn c17_a_client_that_answers_none_is_gone_after_the_heartbeat() {
    let server = server(|options| {
        options.heartbeat.interval = Duration::from_secs(10);
        options.heartbeat.timeout = Duration::from_secs(5);
    });
    let mut client = server
        .client("/echo")
        .patience(Duration::from_secs(60))
        .connect()
        .await;
    client.stop_reading();
    let start = Instant::now();
    while server.hub().stats().connections > 0 {
        sleep(Duration::from_millis(100)).await;
    }
    // Five seconds more for an answer to the close frame.
    assert_took(start, 20);
    client.resume_reading();
    client.assert_closed(1001).await;
}

#[tokio::test(start_paused = true)]
async fn c17_an_idle_client_is_closed_by_the_paused_clock() {
    let server = server(|options| options.idle_timeout = Some(Duration::from_secs(90)));
    let mut client = server
        .client("/echo")
        .patience(Duration::from_secs(600))
        .connect()
        .await;
    let start = Instant::now();
    assert_eq!(client.assert_closed(1001).await, "idle for too long");
    assert_took(start, 90);
}

struct Slow;

impl Handler for Slow {
    type Incoming = RawMessage;
    type Outgoing = RawMessage;

    async fn on_connect(&mut self, _: &mut Context<Self>) -> Result<()> {
        sleep(Duration::from_secs(3)).await;
        Ok(())
    }

    async fn on_message(&mut self, _: &mut Context<Self>, _: RawMessage) -> Result<()> {
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn c17_hooks_run_out_of_paused_time_and_connecting_waits_for_the_first() {
    let server = TestServer::new(Router::new().route("/slow", endpoint(|| Slow)));
    let start = Instant::now();
    let early = server.client("/slow").at_once().connect().await;
    assert_eq!(start.elapsed(), Duration::ZERO);
    drop(early);
    let client = server.client("/slow").patience(Duration::from_secs(60));
    let mut client = client.connect().await;
    assert_took(start, 3);
    client.send_text("hang");
    let start = Instant::now();
    client.assert_closed(1011).await;
    assert_took(start, 30);
}
