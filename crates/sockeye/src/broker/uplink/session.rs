//! A session driven: publishing, subscribing and the heartbeat side by side, until one of them fails.

use std::future::Future;
use std::sync::Arc;

use foldhash::HashMap;
use parking_lot::RwLock;
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::broker::outbound::NODES;
use crate::broker::uplink::interest::{Ask, TOPICS_MAX, Wish};
use crate::broker::uplink::{ANSWER_MAX, Line, Uplink, late};
use crate::broker::{Parcel, Readiness, Refused, Session};
use crate::error::{Error, ErrorKind, Result};

/// Why a session ended, once it has.
#[derive(Default)]
pub(crate) struct Ended {
    why: RwLock<End>,
    told: Notify,
}

#[derive(Default)]
enum End {
    #[default]
    NotYet,
    Why(Error),
    Told,
}

impl Ended {
    /// Ends the session; returns when nothing of it is being taken in any more.
    pub(crate) fn end(&self, error: Error) {
        let mut why = self.why.write();
        if matches!(*why, End::NotYet) {
            *why = End::Why(error);
            self.told.notify_one();
        }
    }

    /// Takes in what the session tells, unless it has ended.
    pub(crate) fn take_in(&self, take_in: impl FnOnce()) {
        let why = self.why.read();
        if matches!(*why, End::NotYet) {
            take_in();
        }
    }

    /// Finishes with the session.
    async fn wait(&self) -> Error {
        loop {
            let told = self.told.notified();
            if let Some(error) = self.take() {
                return error;
            }
            told.await;
        }
    }

    fn take(&self) -> Option<Error> {
        let mut end = self.why.write();
        match std::mem::replace(&mut *end, End::Told) {
            End::Why(error) => Some(error),
            other => {
                *end = other;
                None
            }
        }
    }
}

/// What cannot come back.
enum Never {}

impl Line {
    /// Uses a session until it ends; gives why that was.
    pub(crate) async fn drive(&self, session: &dyn Session, ended: &Ended) -> Error {
        let publishing = async { over(self.publish_all(session).await) };
        let subscribing = async { over(self.subscribe_all(session).await) };
        let beating = async { over(self.beat(session).await) };
        let calling = async { over(Ok(self.call().await)) };
        tokio::select! {
            why = ended.wait() => why,
            why = publishing => why,
            why = subscribing => why,
            why = beating => why,
            why = calling => why,
        }
    }

    /// Lets the members hear what has come. A session hands in all that it has read before this task has its turn, so that
    /// a burst reaches the shards as one.
    async fn call(&self) -> Never {
        loop {
            self.came.notified().await;
            self.receive(|receiver| receiver.arrived());
        }
    }

    async fn publish_all(&self, session: &dyn Session) -> Result<Never> {
        loop {
            let mut batch = Underway::new(self);
            self.outbound.next(&mut batch.parcels).await;
            let refused = answered("publishing", session.publish(&batch.parcels)).await?;
            batch.arrive(&refused);
        }
    }

    /// Subscribes to all that is wanted already, then to what is asked for.
    async fn subscribe_all(&self, session: &dyn Session) -> Result<Never> {
        let own = [NODES.into(), Uplink::inbox_of(self.node)];
        let refused = answered("subscribing", session.subscribe(&own)).await?;
        if let Some(Refused { why, .. }) = refused.into_iter().next() {
            return Err(why);
        }
        let wanted = self.interest.come_back();
        for topics in wanted.chunks(TOPICS_MAX) {
            self.resubscribe(session, topics).await?;
        }
        // Greets first: who waits for this node to be ready may ask the others at once.
        self.receive(|receiver| receiver.ready());
        self.readiness.send_replace(Readiness::READY);
        loop {
            let asks = self.interest.next().await;
            match asks.first().map(|ask| ask.wish) {
                Some(Wish::Subscribe) => self.subscribe(session, asks).await?,
                Some(Wish::Unsubscribe) => self.unsubscribe(session, asks).await?,
                None => {}
            }
        }
    }

    async fn resubscribe(&self, session: &dyn Session, topics: &[Arc<str>]) -> Result<()> {
        let refused = answered("subscribing", session.subscribe(topics)).await?;
        let refused = by_index(refused);
        for (index, topic) in topics.iter().enumerate() {
            let why = refused.get(&index);
            if let Some(why) = why {
                tracing::error!(%topic, ?why, "a group hears nothing of other nodes");
            }
            self.receive(|receiver| receiver.asked(topic, why.is_none()));
        }
        Ok(())
    }

    async fn subscribe(&self, session: &dyn Session, asks: Vec<Ask>) -> Result<()> {
        let topics: Vec<_> = asks.iter().map(|ask| Arc::clone(&ask.topic)).collect();
        let refused = answered("subscribing", session.subscribe(&topics)).await?;
        let mut refused = by_index(refused);
        for (index, ask) in asks.into_iter().enumerate() {
            let refusal = refused.remove(&index).map(|why| {
                let text = format!("cannot listen to {} on other nodes: {why:?}", ask.topic);
                Error::with(ErrorKind::Broker, text)
            });
            ask.answer(refusal.map_or(Ok(()), Err));
        }
        Ok(())
    }

    async fn unsubscribe(&self, session: &dyn Session, asks: Vec<Ask>) -> Result<()> {
        let topics: Vec<_> = asks.iter().map(|ask| Arc::clone(&ask.topic)).collect();
        answered("unsubscribing", session.unsubscribe(&topics)).await?;
        asks.into_iter().for_each(|ask| ask.answer(Ok(())));
        Ok(())
    }

    async fn beat(&self, session: &dyn Session) -> Result<Never> {
        let mut heartbeat = interval(self.heartbeat);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            heartbeat.tick().await;
            answered("the heartbeat", session.ping()).await?;
            if self.readiness.borrow().is_ready() {
                self.receive(|receiver| receiver.tick());
            }
        }
    }
}

/// A batch on its way; dropped before it has arrived, it is lost.
struct Underway<'a> {
    line: &'a Line,
    parcels: Vec<Parcel>,
}

impl<'a> Underway<'a> {
    fn new(line: &'a Line) -> Self {
        let parcels = Vec::new();
        Self { line, parcels }
    }

    /// Ends the way of all, but for those that were refused.
    fn arrive(mut self, refused: &[Refused]) {
        let parcels = std::mem::take(&mut self.parcels);
        for Refused { index, why } in refused {
            let topic = parcels.get(*index).map(Parcel::topic);
            tracing::error!(topic, ?why, "the broker refuses a message");
        }
        self.line.outbound.taken(parcels, refused);
    }
}

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        if !self.parcels.is_empty() {
            self.line.outbound.give_up(&self.parcels);
        }
    }
}

fn by_index(refused: Vec<Refused>) -> HashMap<usize, Error> {
    let refused = refused.into_iter();
    refused
        .map(|refused| (refused.index, refused.why))
        .collect()
}

/// Waits for an answer, for as long as one may take.
async fn answered<T>(what: &str, answer: impl Future<Output = Result<T>>) -> Result<T> {
    let answer = timeout(ANSWER_MAX, answer).await;
    answer.unwrap_or_else(|_| Err(late(what)))
}

fn over(result: Result<Never>) -> Error {
    match result {
        Err(error) => error,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use super::*;

    /// What is told of a gap when a session ends must not be overtaken by a message of that session.
    #[test]
    fn a_session_ends_behind_what_is_being_taken_in_and_takes_in_nothing_more() {
        let ended = Arc::new(Ended::default());
        let (is_over, over) = mpsc::channel();
        let ending = Arc::clone(&ended);
        let mut thread = None;
        ended.take_in(|| {
            thread = Some(thread::spawn(move || {
                ending.end(Error::new("over"));
                is_over.send(()).unwrap();
            }));
            assert!(over.recv_timeout(Duration::from_millis(200)).is_err());
        });
        thread.unwrap().join().unwrap();
        ended.take_in(|| panic!("it has ended"));
    }
}
