//! The broker suite over a real server, whole and in chaos.

use std::sync::Arc;
use std::time::Duration;

use fixtures::Nats;
use sockeye::testing::{BrokerSuite, Chaos, ChaosReport, Storm};
use sockeye_nats::NatsBroker;

use crate::outage::Fragile;
use crate::turn::turn;
use crate::within;

fn suite(url: String) -> BrokerSuite {
    BrokerSuite::new(move || NatsBroker::new(&url).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nats_keeps_all_promises() {
    // Room for what a message of 1 MiB carries besides.
    let nats = Nats::start_with("max_payload: 2MB").await;
    let suite = suite(nats.url());
    suite.with_outages(Fragile::new(nats)).run().await;
}

#[tokio::test]
async fn nats_keeps_them_on_one_thread_too() {
    let nats = Nats::start_with("max_payload: 2MB").await;
    suite(nats.url()).run().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_members_come_and_go_and_miss_nothing() {
    let _turn = turn().await;
    let nats = Nats::start().await;
    println!("{}", suite(nats.url()).storm(Storm::default()).await);
}

/// How often chaos strikes in each half: `SOCKEYE_OUTAGES=200` makes it 200 restarts and as many freezes in both.
fn chaos() -> Chaos {
    let mut chaos = Chaos::default();
    if let Ok(more) = std::env::var("SOCKEYE_OUTAGES") {
        chaos.restarts = more.parse().unwrap();
        chaos.freezes = chaos.restarts;
    }
    chaos.restarts = chaos.restarts.div_ceil(2);
    chaos.freezes = chaos.freezes.div_ceil(2);
    chaos
}

/// The longest pause before a try is one second, and all else takes milliseconds; but a machine may be busy, so that half
/// of the recoveries count.
const LIVE_WITHIN: Duration = Duration::from_secs(2);

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    kib.unwrap_or(0)
}

/// Half of all that chaos does, on nodes and a server of its own.
async fn half() -> ChaosReport {
    let nats = Nats::start().await;
    let url = nats.url();
    let fragile = Fragile::new(nats);
    let nats = Arc::clone(&fragile.nats);
    let chaos = chaos();
    let restarts = chaos.restarts;
    let report = suite(url).with_outages(fragile).chaos(chaos).await;
    assert!(report.recoveries.len() >= restarts);
    let mut times = report.recoveries.clone();
    times.sort_unstable();
    assert!(times[times.len() / 2] < LIVE_WITHIN, "slow: {report}");
    assert!(report.missed > 0, "nothing was lost: {report}");
    let nats = nats.lock().await;
    within("the nodes' connections to end", async {
        while nats.connections().await > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    report
}

/// More than an allocator keeps back of what members have heard; for hundreds of outages, of which they hear much more, run
/// it with `MALLOC_ARENA_MAX=1`. Less than one message leaked for each outage and topic would be.
const GROWTH_KIB: u64 = 16 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_chaos_loses_is_told_and_nothing_grows() {
    let _turn = turn().await;
    println!("{}", half().await);
    let before = resident_kib();
    println!("{}", half().await);
    let after = resident_kib();
    println!("resident: {before} KiB after one half, {after} KiB after both");
    assert!(
        after < before + GROWTH_KIB,
        "grew from {before} to {after} KiB"
    );
}
