//! How many tests of handlers run in a second: `cargo run -p sockeye --all-features --example tests_per_second`.
//!
//! Linux only, where the kernel says how long a thread was on a core: other work on the machine does not count then.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "it measures, and ends where it cannot"
)]

use std::thread;
use std::time::{Duration, Instant};

use sockeye::testing::TestServer;
use sockeye::{Context, Handler, Result, Router, endpoint};

const CORES: u32 = 2;

struct Room;

impl Handler for Room {
    type Incoming = String;
    type Outgoing = String;

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> Result<()> {
        cx.join(("room", cx.param("room")?)).await
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> Result<()> {
        cx.broadcast(text)
    }
}

/// A test of an application: a server, two clients in a room, a message, silence, and the end.
async fn conversation() {
    let server = TestServer::new(Router::new().route("/chat/{room}", endpoint(|| Room)));
    let ann = server.connect("/chat/lobby").await;
    let mut bob = server.connect("/chat/lobby").await;
    ann.send_text("hi");
    assert_eq!(bob.receive_text().await, "hi");
    bob.assert_silent().await;
    server.shutdown().await;
}

/// Each with a runtime of its own, as `#[tokio::test]` makes it. Gives how many there were, and the time on a core that
/// they took.
fn run_tests(until: Instant) -> (u32, Duration) {
    let mut tests = 0;
    while Instant::now() < until {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .expect("a runtime");
        runtime.block_on(conversation());
        tests += 1;
    }
    (tests, time_on_core())
}

fn time_on_core() -> Duration {
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = counted.split_whitespace().next().map(str::parse);
    Duration::from_nanos(nanoseconds.and_then(|it| it.ok()).expect("Linux counts it"))
}

fn main() {
    let until = Instant::now() + Duration::from_secs(3);
    let threads: Vec<_> = (0..CORES)
        .map(|_| thread::spawn(move || run_tests(until)))
        .collect();
    let (mut tests, mut time) = (0, Duration::ZERO);
    for thread in threads {
        let (one, took) = thread.join().expect("no test fails");
        tests += one;
        time += took;
    }
    let each = time / tests;
    let rate = f64::from(CORES) / each.as_secs_f64();
    println!("{each:?} a test with two clients: {rate:.0} a second on {CORES} cores of its own");
    assert!(rate >= 1000.0, "fewer than 1,000 a second");
}
