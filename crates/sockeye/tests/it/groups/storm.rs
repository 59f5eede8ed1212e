//! A storm of joins and leaves: a member hears all that is published between its join and its leave, once, in order,
//! and nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use sockeye::{Context, Handler, Hub, Result, Router, endpoint};
use tokio::task::JoinSet;

use crate::groups::unhurried;
use crate::harness::{Client, serve};

const ROOMS: [&str; 3] = ["one", "two", "three"];
const CLIENTS: usize = 16;
const VISITS: usize = 30;

/// How far the one publisher of each room is.
#[derive(Debug, Default)]
struct Progress {
    begun: AtomicUsize,
    done: AtomicUsize,
}

type Rooms = Arc<[Progress; 3]>;

/// Joins and leaves, and says what was published meanwhile: `done` before the join, `begun` after it, `done` before the
/// leave, `begun` after it.
struct Visitor(Rooms);

impl Handler for Visitor {
    type Incoming = String;
    type Outgoing = String;

    async fn on_message(&mut self, cx: &mut Context<Self>, room: String) -> Result<()> {
        let at = ROOMS.iter().position(|other| *other == room).unwrap();
        let progress = &self.0[at];
        let done = progress.done.load(Ordering::SeqCst);
        let is_member = cx.leave(("room", &room))?;
        if !is_member {
            cx.join(("room", &room)).await?;
        }
        let begun = progress.begun.load(Ordering::SeqCst);
        let word = if is_member { "left" } else { "joined" };
        cx.reply(format!("{word} {at} {done} {begun}"))
    }
}

async fn publish(hub: Hub, rooms: Rooms, at: usize, over: Arc<AtomicBool>) {
    let room = hub.group(("room", ROOMS[at])).unwrap();
    let mut pace = tokio::time::interval(Duration::from_millis(1));
    while !over.load(Ordering::Relaxed) {
        for _ in 0..4 {
            let number = rooms[at].begun.fetch_add(1, Ordering::SeqCst);
            room.broadcast(format!("heard {at} {number}")).unwrap();
            rooms[at].done.store(number + 1, Ordering::SeqCst);
        }
        pace.tick().await;
    }
}

/// What a client learned of one room.
#[derive(Debug, Default)]
struct Diary {
    heard: Vec<usize>,
    /// Where its last visit began: what could be heard, what had to be.
    since: Option<(usize, usize)>,
    /// Each visit: what could be heard, what had to be.
    visits: Vec<(std::ops::Range<usize>, std::ops::Range<usize>)>,
}

impl Diary {
    fn note(&mut self, word: &str, numbers: &[usize]) {
        match (word, numbers) {
            ("heard", [number]) => self.heard.push(*number),
            ("joined", [done, begun]) => self.since = Some((*done, *begun)),
            ("left", [done, begun]) => {
                let (could, must) = self.since.take().unwrap();
                self.visits.push((could..*begun, must..*done));
            }
            other => panic!("{other:?} is nothing that a visitor says"),
        }
    }

    fn judge(&self) {
        assert!(
            self.heard.is_sorted_by(|a, b| a < b),
            "twice, or in another order"
        );
        for (_, must) in &self.visits {
            let missed: Vec<_> = must
                .clone()
                .filter(|n| self.heard.binary_search(n).is_err())
                .collect();
            assert!(missed.is_empty(), "missed {missed:?} of {must:?}");
        }
        for number in &self.heard {
            assert!(
                self.visits.iter().any(|(could, _)| could.contains(number)),
                "{number} was not for it"
            );
        }
    }
}

/// Visits every room many times, some while in others.
async fn visit(mut client: Client, name: usize) -> [Diary; 3] {
    let mut diaries = <[Diary; 3]>::default();
    for step in 0..2 * VISITS {
        // In and out of one room, one step apart in another, differently for each client.
        for at in 0..ROOMS.len() {
            client.send(ROOMS[(at + name + step) % ROOMS.len()]).await;
        }
        let mut answers = 0;
        while answers < ROOMS.len() {
            let text = client.text().await;
            let mut words = text.split(' ');
            let word = words.next().unwrap();
            let at: usize = words.next().unwrap().parse().unwrap();
            let numbers: Vec<_> = words.map(|number| number.parse().unwrap()).collect();
            diaries[at].note(word, &numbers);
            answers += usize::from(word != "heard");
        }
    }
    // What was published before the last leaves may still be on its way; the end comes after it.
    client.close(sockeye::CloseCode::NORMAL, "").await;
    while let Some(frame) = client.frame().await {
        if let crate::harness::Wire::Text(text) = frame {
            let mut words = text.as_str().splitn(3, ' ');
            assert_eq!(words.next(), Some("heard"));
            let at: usize = words.next().unwrap().parse().unwrap();
            diaries[at]
                .heard
                .push(words.next().unwrap().parse().unwrap());
        }
    }
    diaries
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn members_who_come_and_go_hear_all_that_is_for_them_and_nothing_else() {
    let rooms: Rooms = Arc::default();
    let hub = Hub::new();
    let given = Arc::clone(&rooms);
    let visitor = endpoint(move || Visitor(Arc::clone(&given))).options(unhurried());
    let server = serve(Router::new().route("/", visitor).hub(&hub)).await;
    let over = Arc::new(AtomicBool::new(false));
    let mut publishers = JoinSet::new();
    for at in 0..ROOMS.len() {
        publishers.spawn(publish(
            hub.clone(),
            Arc::clone(&rooms),
            at,
            Arc::clone(&over),
        ));
    }
    let mut visitors = JoinSet::new();
    for name in 0..CLIENTS {
        visitors.spawn(visit(server.connect("/").await, name));
    }
    let diaries = visitors.join_all().await;
    over.store(true, Ordering::Relaxed);
    publishers.join_all().await;
    for diary in diaries.iter().flatten() {
        diary.judge();
        assert_eq!(diary.visits.len(), VISITS);
    }
    let heard: usize = diaries
        .iter()
        .flatten()
        .map(|diary| diary.heard.len())
        .sum();
    assert!(
        heard > CLIENTS * VISITS,
        "only {heard} publications met a member"
    );
    server.empty().await;
}
