//! Sessions: the trait itself, without hubs.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;

use crate::broker::{Inbound, Listen, Parcel, Session};
use crate::error::{Error, Result};
use crate::testing::broker::stage::{Stage, ensure, group};

/// What a session has told.
#[derive(Default)]
struct Log {
    messages: Mutex<Vec<(String, Vec<u8>)>>,
    ended: Mutex<Option<String>>,
}

impl Listen for Log {
    fn message(&self, topic: &str, bytes: &[u8]) {
        self.messages
            .lock()
            .push((topic.to_owned(), bytes.to_vec()));
    }

    fn missed(&self, _: &str) {}

    fn ended(&self, error: Error) {
        self.ended
            .lock()
            .get_or_insert_with(|| format!("{error:?}"));
    }
}

impl Log {
    fn len(&self) -> usize {
        self.messages.lock().len()
    }

    /// Whether it has heard more than so many messages, and these bytes last.
    fn is_last(&self, last: &[u8], count: usize) -> bool {
        let messages = self.messages.lock();
        messages.len() > count && messages.last().is_some_and(|(_, bytes)| bytes == last)
    }
}

async fn open(stage: &Stage) -> Result<(Box<dyn Session>, Arc<Log>)> {
    let log = Arc::new(Log::default());
    let inbound = Inbound::new(Arc::clone(&log) as Arc<dyn Listen>);
    let broker = stage.broker();
    let session = broker.connect(inbound);
    let place = || broker.describe();
    let session = stage.wait("a session", session, place).await??;
    Ok((session, log))
}

fn topics(stage: &Stage, count: usize) -> Result<Vec<Arc<str>>> {
    let topic = |_| Ok(group(&stage.name())?.shared());
    (0..count).map(topic).collect()
}

fn parcels(topics: &[Arc<str>], bytes: &'static [u8]) -> Vec<Parcel> {
    let parcel = |topic| Parcel::new(Arc::clone(topic), Bytes::from_static(bytes));
    topics.iter().map(parcel).collect()
}

pub(super) async fn a_batch_is_live_at_once(stage: &Stage) -> Result<()> {
    let (near, _) = open(stage).await?;
    let (far, log) = open(stage).await?;
    for round in 0..10 {
        let topics = topics(stage, 512)?;
        far.subscribe(&topics).await?;
        let refused = near.publish(&parcels(&topics, b"\xff\0\r\n")).await?;
        ensure(refused.is_empty(), || format!("{refused:?}"))?;
        let expected = (round + 1) * topics.len();
        let seen = || format!("{} of {expected} arrived", log.len());
        let all = stage.until("a message of each topic", || log.len() >= expected);
        all.await.map_err(|_| Error::new(seen()))?;
        let mut found: Vec<_> = log.messages.lock().split_off(expected - topics.len());
        found.sort_unstable();
        let mut sent: Vec<_> = topics
            .iter()
            .map(|it| (it.to_string(), b"\xff\0\r\n".to_vec()))
            .collect();
        sent.sort_unstable();
        ensure(found == sent, || {
            "a message came with another topic or other bytes".to_owned()
        })?;
        log.messages.lock().extend(found);
    }
    Ok(())
}

pub(super) async fn a_session_takes_what_it_cannot_use(stage: &Stage) -> Result<()> {
    let (near, _) = open(stage).await?;
    let (far, log) = open(stage).await?;
    let topics = topics(stage, 2)?;
    let [there, never] = [&topics[..1], &topics[1..]];
    far.unsubscribe(never).await?;
    far.subscribe(there).await?;
    // As after a refusal of one of several.
    far.subscribe(&topics).await?;
    far.unsubscribe(never).await?;
    far.subscribe(&[]).await?;
    far.unsubscribe(&[]).await?;
    far.ping().await?;
    near.publish(&[]).await?;
    near.publish(&parcels(&topics, b"one")).await?;
    near.publish(&parcels(there, b"two")).await?;
    stage.until("two messages", || log.len() >= 2).await?;
    let found: Vec<_> = log
        .messages
        .lock()
        .iter()
        .map(|(_, bytes)| bytes.clone())
        .collect();
    ensure(found == [b"one", b"two"], || format!("heard {found:?}"))?;
    let ended = log.ended.lock().clone();
    ensure(ended.is_none(), || format!("the session ended: {ended:?}"))
}

pub(super) async fn ended_subscriptions_fall_silent(stage: &Stage) -> Result<()> {
    let (near, _) = open(stage).await?;
    let (far, log) = open(stage).await?;
    let topics = topics(stage, 512)?;
    far.subscribe(&topics).await?;
    let (kept, left) = topics.split_at(1);
    far.unsubscribe(left).await?;
    // The last message of a round comes behind what still comes of the others.
    let silent = async {
        loop {
            let before = log.len();
            tokio::task::yield_now().await;
            near.publish(&parcels(left, b"to nobody")).await?;
            near.publish(&parcels(kept, b"last")).await?;
            stage
                .until("the last message", || log.is_last(b"last", before))
                .await?;
            if log.len() == before + 1 {
                return Ok::<(), Error>(());
            }
        }
    };
    let seen = || "their messages still arrive".to_owned();
    stage.wait("subscriptions to end", silent, seen).await??;
    // And they may begin again.
    let before = log.len();
    far.subscribe(left).await?;
    near.publish(&parcels(&topics, b"again")).await?;
    stage
        .until("messages of all topics", || {
            log.len() >= before + topics.len()
        })
        .await
}

pub(super) async fn a_dropped_session_is_gone(stage: &Stage) -> Result<()> {
    let (near, _) = open(stage).await?;
    let (far, log) = open(stage).await?;
    let topics = topics(stage, 100)?;
    far.subscribe(&topics).await?;
    drop(far);
    // What is still told to it is nobody's business; but it ends.
    let silent = async {
        loop {
            let before = log.len();
            near.publish(&parcels(&topics, b"to nobody")).await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
            if log.len() == before {
                return Ok::<(), Error>(());
            }
        }
    };
    let seen = || format!("{} messages reached it", log.len());
    stage
        .wait("a dropped session to fall silent", silent, seen)
        .await??;
    // As many handles are kept as there are sessions; an abandoned one goes too.
    let inbound = Inbound::new(Arc::clone(&log) as Arc<dyn Listen>);
    let broker = stage.broker();
    drop(tokio::time::timeout(Duration::from_micros(50), broker.connect(inbound)).await);
    stage
        .until("a dropped session to let go of its listener", || {
            Arc::strong_count(&log) == 1
        })
        .await
}

pub(super) async fn plain_text_reaches_members(stage: &Stage) -> Result<()> {
    let name = stage.name();
    let node = stage.ready_node().await?;
    let mut member = node.member_of(&name).await?;
    let (program, _) = open(stage).await?;
    let topic = group(&name)?.shared();
    let text = r#"{"action":"say","payload":{"text":"grüß dich"}}"#;
    program.publish(&parcels(&[topic], text.as_bytes())).await?;
    member.hears(stage, text).await
}
