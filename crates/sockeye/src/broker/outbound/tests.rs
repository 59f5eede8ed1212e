//! Tests of the queue: what leaves in which order, and what becomes of losses.

use super::*;
use crate::broker::Publication;
use crate::broker::envelope::{Contents, open};
use crate::connection::Frame;
use crate::message::Form;

const NODE: u64 = 7;

fn outbound() -> Outbound {
    Outbound::new(NodeId::from_bits(NODE))
}

fn push(outbound: &Outbound, topic: &str, text: &str) -> Result<()> {
    let frame = Frame::encode(&text, Form::DEFAULT, &mut Vec::new()).unwrap();
    let topic: Arc<str> = topic.into();
    let publication = Publication {
        topic: Arc::clone(&topic),
        frame,
        for_handlers: false,
    };
    outbound.push(&topic, envelope::message(&publication))
}

/// What would leave next: the topic, whether it is a message, and its number.
fn next(outbound: &Outbound) -> Vec<(String, bool, u64)> {
    let mut batch = Vec::new();
    outbound.queue.lock().take(&mut batch);
    let next = batch.iter().map(|parcel| {
        let (is_message, stamp) = match open(parcel.bytes()).unwrap() {
            Contents::Message(stamp, _) => (true, stamp.unwrap()),
            Contents::Position(stamp) | Contents::Notice(stamp, _) => (false, stamp),
        };
        (parcel.topic().to_owned(), is_message, stamp.sequence)
    });
    let next = next.collect();
    outbound.taken(batch, &[]);
    next
}

fn message(topic: &str, sequence: u64) -> (String, bool, u64) {
    (topic.to_owned(), true, sequence)
}

fn position(topic: &str, sequence: u64) -> (String, bool, u64) {
    (topic.to_owned(), false, sequence)
}

#[test]
fn messages_leave_in_order_and_each_topic_is_counted_for_itself() {
    let outbound = outbound();
    for topic in ["a", "b", "a"] {
        push(&outbound, topic, "hi").unwrap();
    }
    assert_eq!(
        next(&outbound),
        [message("a", 1), message("b", 1), message("a", 2)]
    );
    assert_eq!(outbound.tally().published, 3);
}

#[test]
fn a_batch_is_bounded_in_parcels_and_in_bytes() {
    let outbound = outbound();
    for _ in 0..=BATCH_PARCELS_MAX {
        push(&outbound, "a", "hi").unwrap();
    }
    assert_eq!(next(&outbound).len(), BATCH_PARCELS_MAX);
    assert_eq!(next(&outbound).len(), 1);
    let large = "x".repeat(BATCH_BYTES_MAX);
    push(&outbound, "a", &large).unwrap();
    push(&outbound, "a", &large).unwrap();
    assert_eq!(next(&outbound).len(), 1);
}

#[test]
fn too_much_is_refused_at_once_and_told_to_the_subscribers_behind_what_waits() {
    let outbound = outbound();
    for _ in 0..PARCELS_MAX {
        push(&outbound, "a", "hi").unwrap();
    }
    let error = push(&outbound, "b", "hi").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Full);
    let mut left = Vec::new();
    while outbound.waiting() > 0 {
        left.extend(next(&outbound));
    }
    assert_eq!(left.len(), PARCELS_MAX + 1);
    assert_eq!(left.last().unwrap(), &position("b", 1));
    assert_eq!(outbound.tally().lost, 1);
}

#[test]
fn without_a_session_all_is_refused_and_told_once_there_is_one() {
    let outbound = outbound();
    push(&outbound, "a", "waits").unwrap();
    outbound.shut("away");
    let error = push(&outbound, "a", "hi").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Broker);
    assert_eq!(
        error.to_string(),
        "cannot publish to a on other nodes: away"
    );
    assert_eq!(outbound.waiting(), 0);
    outbound.open();
    push(&outbound, "a", "again").unwrap();
    assert_eq!(next(&outbound), [position("a", 2), message("a", 3)]);
    assert_eq!(outbound.tally().lost, 2);
}

#[test]
fn what_was_on_its_way_is_told_of_by_its_number() {
    let outbound = outbound();
    for _ in 0..3 {
        push(&outbound, "a", "hi").unwrap();
    }
    let mut batch = Vec::new();
    outbound.queue.lock().take(&mut batch);
    push(&outbound, "a", "later").unwrap();
    let refused = Refused {
        index: 1,
        why: Error::new("too long"),
    };
    outbound.taken(batch, &[refused]);
    // The position of 2 comes behind 4: whoever has heard that knows already.
    assert_eq!(next(&outbound), [message("a", 4), position("a", 2)]);
    assert_eq!((outbound.tally().published, outbound.tally().lost), (3, 1));
}

#[test]
fn more_lost_topics_than_are_remembered_are_told_of_as_all() {
    let outbound = outbound();
    outbound.shut("away");
    for topic in 0..=STREAMS_MAX {
        push(&outbound, &topic.to_string(), "hi").unwrap_err();
    }
    outbound.open();
    let first = next(&outbound);
    assert_eq!(first[0], position(NODES, 0));
}

#[tokio::test]
async fn a_flush_waits_for_all_that_was_published_and_tells_of_losses_once() {
    let outbound = outbound();
    outbound.flush().await.unwrap();
    push(&outbound, "a", "hi").unwrap();
    let mut flush = Box::pin(outbound.flush());
    assert!(futures_util::poll!(&mut flush).is_pending());
    outbound.shut("away");
    assert_eq!(flush.await.unwrap_err().kind(), ErrorKind::Broker);
    outbound.flush().await.unwrap();
}

#[test]
fn a_position_that_is_refused_is_told_by_the_next_session() {
    let outbound = outbound();
    push(&outbound, "a", "hi").unwrap();
    let refuse = |batch: Vec<Parcel>| {
        let refused = (0..batch.len()).map(|index| Refused {
            index,
            why: Error::new("away"),
        });
        outbound.taken(batch, &refused.collect::<Vec<_>>());
    };
    for _ in 0..2 {
        let mut batch = Vec::new();
        outbound.queue.lock().take(&mut batch);
        refuse(batch);
    }
    assert_eq!(outbound.waiting(), 0, "it is not told again at once");
    outbound.shut("over");
    outbound.open();
    assert_eq!(next(&outbound), [position("a", 1)]);
    assert_eq!(outbound.tally().lost, 1);
}

#[test]
fn an_older_loss_does_not_hide_a_newer_one() {
    let outbound = outbound();
    push(&outbound, "a", "in flight").unwrap();
    let mut batch = Vec::new();
    outbound.queue.lock().take(&mut batch);
    outbound.shut("away");
    push(&outbound, "a", "refused").unwrap_err();
    outbound.give_up(&batch);
    outbound.open();
    assert_eq!(next(&outbound), [position("a", 2)]);
}

#[test]
fn long_notices_are_dropped_when_much_waits_and_all_of_them_without_a_session() {
    let outbound = outbound();
    let topic: Arc<str> = "!nodes".into();
    let (short, long) = (vec![0; NOTICE_BYTES_FREE], vec![0; NOTICE_BYTES_FREE + 1]);
    let taken = |body: &[u8]| {
        let before = outbound.waiting();
        outbound.push_notice(&topic, body);
        outbound.waiting() > before
    };
    assert!(taken(&short) && taken(&long));
    push(&outbound, "a", &"x".repeat(PARCEL_BYTES_MAX / 2)).unwrap();
    assert!(taken(&short) && !taken(&long));
    outbound.shut("away");
    assert!(!taken(&short));
    assert_eq!(outbound.tally().lost, 1, "a notice is nobody's loss");
}
