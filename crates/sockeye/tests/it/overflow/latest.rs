//! Groups that keep the latest message of each key for a member that has no room.

use sockeye::{Hub, MemoryBroker, Overflow};

use crate::harness::until;
use crate::overflow::{
    Heard, OUTBOX_BYTES, PADDING, Publisher, assert_open, both, hub_options, is_rising, say, serve,
};

const KEYS: [&str; 5] = ["AAPL", "GOOG", "MSFT", "NVDA", "TSLA"];

/// The messages of each key rise, up to the newest.
fn assert_latest(heard: &Heard, publisher: &Publisher) {
    let newest = publisher.next - publisher.keys.len() as u64..;
    for (key, newest) in publisher.keys.iter().zip(newest) {
        let numbers = heard.numbers(key);
        assert!(is_rising(&numbers), "{key}: {numbers:?}");
        assert_eq!(numbers.last(), Some(&newest), "{key}");
    }
}

#[tokio::test]
async fn a_slow_member_gets_the_newest_of_each_key_and_is_told_what_was_replaced() {
    let hub = Hub::with_options(hub_options(Overflow::KeepLatest));
    let server = serve(&hub, None);
    let (mut slow, fast) = both(&server).await;
    let mut publisher = Publisher::new(&hub, KEYS);
    publisher.overflow(&hub, 500, &fast).await;
    let dropped = hub.stats().dropped;
    let mut heard = Heard::default();
    heard.read_all(&mut slow, publisher.next).await;
    assert_latest(&heard, &publisher);
    assert_eq!((heard.told(), hub.stats().dropped), (dropped, dropped));
    assert_open(&mut slow).await;
}

#[tokio::test]
async fn messages_without_a_key_replace_each_other() {
    let hub = Hub::with_options(hub_options(Overflow::KeepLatest));
    let server = serve(&hub, None);
    let (mut slow, fast) = both(&server).await;
    let mut publisher = Publisher::new(&hub, ["-"]);
    publisher.overflow(&hub, 100, &fast).await;
    let before = hub.stats().dropped;
    publisher.overflow(&hub, before + 100, &fast).await;
    let mut heard = Heard::default();
    heard.read_all(&mut slow, publisher.next).await;
    assert_latest(&heard, &publisher);
    // Between the last two that came there was nothing but what the last one replaced.
    let [.., before, last] = heard.numbers("-")[..] else {
        panic!("{:?}", heard.messages);
    };
    assert!(last - before > 100, "{before} {last}");
}

#[tokio::test]
async fn more_keys_than_there_is_room_for_leave_the_newest() {
    let hub = Hub::with_options(hub_options(Overflow::KeepLatest));
    let server = serve(&hub, None);
    let (mut slow, fast) = both(&server).await;
    let mut publisher = Publisher::new(&hub, (0..40).map(|key| format!("key{key}")));
    publisher.overflow(&hub, 500, &fast).await;
    let mut heard = Heard::default();
    heard.read_all(&mut slow, publisher.next).await;
    for key in &publisher.keys {
        assert!(is_rising(&heard.numbers(key)), "{key}");
    }
    let numbers: Vec<_> = heard.messages.iter().map(|(_, number)| *number).collect();
    let some = (OUTBOX_BYTES / 4 / PADDING) as u64;
    let newest: Vec<_> = (publisher.next - some..publisher.next).collect();
    assert!(numbers.ends_with(&newest), "{numbers:?}");
}

#[tokio::test]
async fn a_key_counts_for_the_members_of_other_nodes() {
    let broker = MemoryBroker::new();
    let elsewhere = Hub::with_broker(broker.clone());
    let hub = Hub::with(broker, hub_options(Overflow::KeepLatest));
    let server = serve(&hub, None);
    let (mut slow, fast) = both(&server).await;
    let mut publisher = Publisher::new(&elsewhere, KEYS);
    publisher.overflow(&hub, 500, &fast).await;
    let mut heard = Heard::default();
    heard.read_all(&mut slow, publisher.next).await;
    assert_latest(&heard, &publisher);
}

#[tokio::test]
async fn the_same_key_in_two_groups_is_two() {
    let hub = Hub::with_options(hub_options(Overflow::KeepLatest));
    let server = serve(&hub, None);
    let (mut slow, fast) = both(&server).await;
    let mut publisher = Publisher::new(&hub, ["AAPL"]);
    publisher.overflow(&hub, 100, &fast).await;
    let more = hub.group("more").unwrap();
    say(&more, "AAPL", 1_000_000);
    say(&more, "AAPL", 1_000_001);
    let before = hub.stats().dropped;
    publisher.overflow(&hub, before + 100, &fast).await;
    let mut heard = Heard::default();
    heard.read_all(&mut slow, publisher.next + 2).await;
    let [.., last, of_more] = heard.numbers("AAPL")[..] else {
        panic!("{:?}", heard.messages);
    };
    assert_eq!((last, of_more), (publisher.next - 1, 1_000_001));
    let of_more = heard.told.iter().filter(|(group, _)| group == "more");
    assert_eq!(of_more.map(|(_, messages)| messages).sum::<u64>(), 1);
}

/// Published to in two groups in one turn, a member is not written to as all the others are.
#[tokio::test]
async fn a_member_that_keeps_up_gets_every_message_about_a_key() {
    let hub = Hub::with_options(hub_options(Overflow::KeepLatest));
    let server = serve(&hub, None);
    let (_slow, fast) = both(&server).await;
    let (feed, news) = (hub.group("feed").unwrap(), hub.group("news").unwrap());
    for number in 0..10 {
        say(&news, "news", number);
        say(&feed, "AAPL", number);
    }
    until("all messages", || fast.has_heard(10)).await;
    assert_eq!(hub.stats().dropped, 0);
}

#[tokio::test]
async fn a_key_that_is_too_long_is_refused() {
    let feed = Hub::new().group("feed").unwrap();
    let error = feed.keyed("x".repeat(256)).broadcast("text").unwrap_err();
    assert_eq!(error.kind(), sockeye::ErrorKind::Name);
}
