//! Speed: how many tests of handlers run in a second.

use std::thread;
use std::time::{Duration, Instant};

use crate::testing_kit::rooms;

/// A test of an application: a server, two clients in a room, a message, and the end.
async fn conversation() {
    let server = rooms();
    let ann = server.connect("/chat/lobby").await;
    let mut bob = server.connect("/chat/lobby").await;
    ann.send_text("hi");
    assert_eq!(bob.receive_text().await, "hi");
    bob.assert_silent().await;
    server.shutdown().await;
}

/// Each with a runtime of its own, as `#[tokio::test]` makes it.
fn run_tests(until: Instant) -> u32 {
    let mut tests = 0;
    while Instant::now() < until {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(conversation());
        tests += 1;
    }
    tests
}

#[test]
#[ignore = "measures, and depends on the machine: cargo test -p sockeye --all-features -- --ignored --nocapture tests_in_a_second"]
#[expect(clippy::print_stdout, reason = "says what it measured")]
fn c17_how_many_tests_in_a_second() {
    const SECONDS: u32 = 3;
    let until = Instant::now() + Duration::from_secs(SECONDS.into());
    let threads: Vec<_> = (0..2)
        .map(|_| thread::spawn(move || run_tests(until)))
        .collect();
    let tests: u32 = threads
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .sum();
    let rate = tests / SECONDS;
    println!("{rate} tests of two clients each in a second, on two threads");
    assert!(rate >= 1000, "{rate} a second");
}
