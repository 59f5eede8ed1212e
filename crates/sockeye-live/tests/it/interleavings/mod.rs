//! Random interleavings of writers, subscribers with snapshots, changes of rights and lost connections: every view comes to
//! be what a query with its rights and filter gives, and nothing is told twice, out of order, or to whom it is not due.
//!
//! Each is a short play of two writers and three subscribers at the same time, known by its seed.
//! `SOCKEYE_INTERLEAVINGS` says how many are played, `SOCKEYE_SEED` with which the first begins.

mod audience;
mod dice;
mod history;
mod writing;

use std::env;
use std::io::Write as _;
use std::sync::Arc;

use sockeye::testing::TestServer;
use sockeye_live::Live;
use tokio::task::JoinSet;

use crate::harness::{Base, PATIENCE, within};
use crate::stream::rights;
use audience::Viewer;
use dice::Dice;
use history::History;

const DEPARTMENTS: [&str; 3] = ["fruit", "tools", "toys"];
const USERS: [&str; 3] = ["ada", "bob", "cleo"];

fn number(variable: &str, default: u64) -> u64 {
    let found = env::var(variable).ok();
    found.map_or(default, |found| found.parse().expect("a number"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_view_comes_to_be_what_a_query_gives_on_sqlite() {
    play_all(Base::sqlite().await, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_view_comes_to_be_what_a_query_gives_on_postgres() {
    play_all(Base::postgres().await, 2).await;
}

/// Plays a share of all.
async fn play_all(base: Base, share: u64) {
    let live = rights::models(&base).start().await.unwrap();
    let server = Arc::new(TestServer::new(live.routes()).patience(PATIENCE));
    let plays = number("SOCKEYE_INTERLEAVINGS", 400) / share;
    let first = number("SOCKEYE_SEED", 1);
    let (mut history, mut events) = (History::default(), 0);
    for seed in first..first + plays {
        events += play(&live, &server, &mut history, seed).await;
    }
    // A play in which nobody was told anything would show nothing.
    assert!(events > plays, "{events} events in {plays} plays");
    let mut log = std::io::stderr();
    writeln!(log, "{plays} interleavings, {events} events").unwrap();
}

/// One play; gives how much was told in it.
async fn play(live: &Live, server: &Arc<TestServer>, history: &mut History, seed: u64) -> u64 {
    let mut dice = Dice::new(seed);
    let mut writers = JoinSet::new();
    for _ in 0..2 {
        writers.spawn(writing::write(live.clone(), dice.fork()));
    }
    let mut viewers = JoinSet::new();
    for _ in 0..3 {
        let (server, dice) = (Arc::clone(server), dice.fork());
        viewers.spawn(Viewer::watch(server, dice));
    }
    while let Some(done) = writers.join_next().await {
        done.unwrap();
    }
    let mut watching = Vec::new();
    while let Some(viewer) = viewers.join_next().await {
        watching.push(viewer.unwrap());
    }
    history.read_on(live.database()).await;
    within("the feed", async {
        while live.stats().await.position < history.end() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    server.settled().await;
    let mut events = 0;
    for mut viewer in watching {
        viewer.hear_all().await;
        history.judge(&viewer, live.database(), seed).await;
        events += viewer.events();
    }
    events
}
