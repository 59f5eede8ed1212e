//! Chaos: Redis ends, is killed and hangs again and again, under load.

mod ledger;
mod load;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs};

use fixtures::Redis;
use tokio::time::sleep;

use crate::chaos::load::{Member, ROOMS, Stalls, listen, publish};
use crate::harness::{Node, hub, until};
use crate::turn::turn;

/// Restarts, every other one by SIGKILL, and hangs of 1 to 10 s. `SOCKEYE_OUTAGES=200` makes it 200 of each.
const RESTARTS: usize = 20;
const HANGS: usize = 10;

/// Within this everything is live again: the longest pause before a try is one second, and all else takes milliseconds.
const LIVE_WITHIN: Duration = Duration::from_secs(2);

/// More than an allocator keeps back. Of 200 rounds, a leak of 160 KiB in each would show.
const GROWTH_KIB_MAX: u64 = 16 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn every_loss_is_told_nothing_comes_twice_and_all_is_live_again_within_two_seconds() {
    let _turn = turn().await;
    let (restarts, hangs) = how_often();
    let mut redis = Redis::start().await;
    let nodes = [Node::on(&redis).await, Node::on(&redis).await];
    let job = hub(&redis).await;
    let hubs = [nodes[0].hub.clone(), nodes[1].hub.clone(), job];
    let mut members = Vec::new();
    for node in nodes.iter().cycle().take(4) {
        members.push(listen(node, hubs.len()).await);
    }
    let (members, listening): (Vec<Member>, Vec<_>) = members.into_iter().unzip();
    let (start, stop) = (Instant::now(), Arc::new(AtomicBool::new(false)));
    let publishers = hubs.iter().enumerate();
    let publishers =
        publishers.map(|(index, hub)| publish(hub.clone(), index, start, Arc::clone(&stop)));
    let publishers: Vec<_> = publishers.collect();
    let mut watch = Watch::new(start, &members);
    watch.live("the start").await;
    let rounds = restarts.max(hangs);
    for round in 0..rounds {
        if round == rounds / 2 {
            watch.weigh();
        }
        if round < restarts {
            restart(&mut redis, round).await;
            watch.live("a restart").await;
        }
        if round < hangs {
            hang(&redis, round).await;
            watch.live("a hang").await;
        }
    }

    stop.store(true, Ordering::Relaxed);
    let mut last = Vec::new();
    for publisher in publishers {
        last.push(publisher.await.unwrap());
    }
    until("the last messages", || {
        members.iter().all(|member| {
            member
                .lock()
                .unwrap()
                .has_heard(|(_, publisher)| last[publisher])
        })
    })
    .await;
    // A gap may come behind the message that it explains, with the next tick at the latest.
    until("an explanation of every loss", || {
        members
            .iter()
            .all(|member| member.lock().unwrap().unexplained() == 0)
    })
    .await;
    watch.tell(restarts, hangs);
    for (member, listening) in members.iter().zip(&listening) {
        let tally = &member.lock().unwrap().tally;
        println!("{tally:?}");
        assert_eq!(tally.repeated, 0);
        assert!(!listening.is_finished(), "a member was cut off");
    }
    let rooms = redis
        .channels()
        .await
        .into_iter()
        .filter(|channel| channel.contains(":room:"));
    assert_eq!(rooms.count(), ROOMS);
    for hub in &hubs {
        println!("{:?}", hub.stats().broker);
    }
}

/// Restarts and hangs.
fn how_often() -> (usize, usize) {
    let more = env::var("SOCKEYE_OUTAGES").ok();
    let more = more.map(|count| count.parse().unwrap());
    (more.unwrap_or(RESTARTS), more.unwrap_or(HANGS))
}

/// Ended and killed by turns, and away for up to 400 ms.
async fn restart(redis: &mut Redis, round: usize) {
    match round % 2 {
        0 => redis.terminate().await,
        _ => redis.kill().await,
    }
    sleep(Duration::from_millis(100) * (round % 5) as u32).await;
    redis.restart().await;
}

/// Stopped for 1 to 10 s: shorter and longer than it takes to be given up.
async fn hang(redis: &Redis, round: usize) {
    redis.freeze();
    sleep(Duration::from_secs(1 + round as u64 % 10)).await;
    redis.thaw();
}

/// How soon all was live again, and what that took of memory.
struct Watch<'a> {
    start: Instant,
    members: &'a [Member],
    stalls: Stalls,
    live: Vec<Duration>,
    resident_kib: u64,
}

impl<'a> Watch<'a> {
    fn new(start: Instant, members: &'a [Member]) -> Self {
        Self {
            start,
            members,
            stalls: Stalls::measure(),
            live: Vec::new(),
            resident_kib: 0,
        }
    }

    /// Begins to look at memory: by now the other tests of this process are over, but for those that wait for their turn.
    fn weigh(&mut self) {
        self.resident_kib = resident_kib();
    }

    /// Waits until every member has heard every publisher in every room, of what was published from now on.
    async fn live(&mut self, after: &str) {
        let (now, stalled) = (self.start.elapsed(), self.stalls.so_far());
        until(&format!("life after {after}"), || {
            self.members
                .iter()
                .all(|member| member.lock().unwrap().is_live_since(now))
        })
        .await;
        let live = self.start.elapsed() - now;
        let stalled = self.stalls.so_far() - stalled;
        let own = live.saturating_sub(stalled);
        assert!(
            own < LIVE_WITHIN,
            "{live:?} after {after}, {stalled:?} of it the machine's"
        );
        self.live.push(live);
    }

    fn tell(&mut self, restarts: usize, hangs: usize) {
        self.live.sort();
        let at = |share: usize| self.live[(self.live.len() - 1) * share / 100];
        let (median, high, most) = (at(50), at(95), at(100));
        let grown = resident_kib().saturating_sub(self.resident_kib);
        println!(
            "{restarts} restarts, {hangs} hangs: live again after {median:?} in the middle, {high:?} in 95 of 100, {most:?} at \
             most; memory grew by {grown} KiB from {} KiB in the second half",
            self.resident_kib
        );
        assert!(grown < GROWTH_KIB_MAX, "memory grew by {grown} KiB");
    }
}

fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or_default()
}
