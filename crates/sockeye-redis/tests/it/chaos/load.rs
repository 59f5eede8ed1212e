//! Load: publishers that go on whatever happens, and members that hold them against their ledgers.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sockeye::Hub;
use tokio::task::JoinHandle;
use tokio::time::{interval, sleep};

use crate::chaos::ledger::Ledger;
use crate::harness::{Client, Node, room};

pub(crate) const ROOMS: usize = 4;

/// Between two messages of one publisher to one room.
const PACE: Duration = Duration::from_millis(20);

/// One member of all rooms.
pub(crate) type Member = Arc<Mutex<Ledger>>;

/// Publishes numbers to all rooms until told to stop; gives the last number.
pub(crate) fn publish(
    hub: Hub,
    publisher: usize,
    start: Instant,
    stop: Arc<AtomicBool>,
) -> JoinHandle<u64> {
    tokio::spawn(async move {
        let mut pace = interval(PACE);
        let mut number = 0;
        loop {
            pace.tick().await;
            let is_last = stop.load(Ordering::Relaxed);
            for index in 0..ROOMS {
                let micros = start.elapsed().as_micros();
                let text = format!("{index} {publisher} {number} {micros}");
                // Lost while Redis is away, which the members must be told.
                let _ = room(&hub, &index.to_string()).broadcast(text);
            }
            if is_last {
                return number;
            }
            number += 1;
        }
    })
}

/// A member of all rooms that listens until its task is ended.
pub(crate) async fn listen(node: &Node, publishers: usize) -> (Member, JoinHandle<()>) {
    let mut client = node.client().await;
    for index in 0..ROOMS {
        client.join(&index.to_string()).await;
    }
    let streams =
        (0..ROOMS).flat_map(|room| (0..publishers).map(move |publisher| (room, publisher)));
    let member = Arc::new(Mutex::new(Ledger::new(streams)));
    let listening = tokio::spawn(read(client, Arc::clone(&member)));
    (member, listening)
}

async fn read(mut client: Client, member: Member) {
    loop {
        let text = client.text().await;
        let words: Vec<_> = text.split(' ').collect();
        let number = |word: usize| words[word].parse::<u64>().unwrap();
        let mut ledger = member.lock().unwrap();
        if let Some(gap) = text.strip_prefix("gap room:") {
            ledger.miss(gap.split(' ').next().unwrap().parse().unwrap());
        } else {
            let stream = (number(0) as usize, number(1) as usize);
            ledger.hear(stream, number(2), Duration::from_micros(number(3)));
        }
    }
}

/// By how much timers were late, all in all: what the machine did instead of us.
pub(crate) struct Stalls(Arc<Mutex<Duration>>);

impl Stalls {
    pub(crate) fn measure() -> Self {
        let late = Arc::new(Mutex::new(Duration::ZERO));
        let total = Arc::clone(&late);
        tokio::spawn(async move {
            let step = Duration::from_millis(5);
            // Ends with the test's runtime.
            loop {
                let began = Instant::now();
                sleep(step).await;
                *total.lock().unwrap() += began.elapsed().saturating_sub(step * 2);
            }
        });
        Self(late)
    }

    pub(crate) fn so_far(&self) -> Duration {
        *self.0.lock().unwrap()
    }
}
