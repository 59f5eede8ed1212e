//! Groups that drop their oldest messages for a member that has no room.

use sockeye::{Hub, Overflow};

use crate::harness::{Raw, until};
use crate::overflow::{
    Heard, OUTBOX_BYTES, PADDING, Publisher, assert_open, both, hub_options, is_rising, say, serve,
};

#[tokio::test]
async fn a_slow_member_gets_whole_messages_in_order_up_to_the_newest_and_is_told_what_it_lost() {
    let hub = Hub::with_options(hub_options(Overflow::DropOldest));
    let server = serve(&hub, None);
    let (mut slow, fast) = both(&server).await;
    let mut publisher = Publisher::new(&hub, ["-"]);
    publisher.overflow(&hub, 500, &fast).await;
    let dropped = hub.stats().dropped;
    let mut heard = Heard::default();
    heard.read_all(&mut slow, publisher.next).await;
    let numbers = heard.numbers("-");
    assert!(is_rising(&numbers), "{numbers:?}");
    assert_eq!(numbers.last(), Some(&(publisher.next - 1)));
    assert_eq!((heard.told(), hub.stats().dropped), (dropped, dropped));
    // All that came after the last gap had waited in the outbox.
    let gap = numbers.windows(2).rposition(|pair| pair[0] + 1 < pair[1]);
    let waited = numbers.len() - 1 - gap.unwrap();
    assert!(
        (2..=OUTBOX_BYTES / 2 / PADDING).contains(&waited),
        "{waited}"
    );
    assert_open(&mut slow).await;
}

#[tokio::test]
async fn other_groups_and_replies_of_a_slow_member_lose_nothing() {
    let hub = Hub::with_options(hub_options(Overflow::DropOldest));
    let server = serve(&hub, None);
    let (mut slow, fast) = both(&server).await;
    let mut publisher = Publisher::new(&hub, ["-"]);
    let news = hub.group("news").unwrap();
    for round in 0..10 {
        let asked = format!("reply {round} {}", "x".repeat(PADDING));
        slow.write(&Raw::masked(0x81, asked.as_bytes())).await;
        say(&news, "news", round);
        publisher.overflow(&hub, 50 * (round + 1), &fast).await;
    }
    let mut heard = Heard::default();
    heard.read_all(&mut slow, publisher.next + 20).await;
    assert!(heard.numbers("news").into_iter().eq(0..10));
    assert!(heard.numbers("reply").into_iter().eq(0..10));
    assert!(is_rising(&heard.numbers("-")));
    assert_eq!(heard.told(), hub.stats().dropped);
}

#[tokio::test]
async fn groups_of_another_kind_still_close_a_slow_member() {
    let hub = Hub::with_options(hub_options(Overflow::DropOldest));
    let server = serve(&hub, None);
    let (mut slow, _fast) = both(&server).await;
    let news = hub.group("news").unwrap();
    until("the end of the member", || {
        (0..8).for_each(|number| say(&news, "-", number));
        news.members() == 1
    })
    .await;
    let close = loop {
        match slow.frame().await.unwrap() {
            (0x81, _) => {}
            other => break other,
        }
    };
    assert_eq!(
        (close.0, &close.1[..2]),
        (0x88, &1013_u16.to_be_bytes()[..])
    );
    assert_eq!(hub.stats().dropped, 0);
}
