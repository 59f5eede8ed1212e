//! A session driven: publishing, subscribing and the heartbeat side by side, until one of them fails.

use std::future::Future;
use std::sync::Arc;

use parking_lot::Mutex;
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
    why: Mutex<End>,
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
    pub(crate) fn end(&self, error: Error) {
        let mut why = self.why.lock();
        if matches!(*why, End::NotYet) {
            *why = End::Why(error);
            self.told.notify_one();
        }
    }

    pub(crate) fn has_ended(&self) -> bool {
        !matches!(*self.why.lock(), End::NotYet)
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
        let mut end = self.why.lock();
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
        answered("subscribing", session.subscribe(&own)).await?;
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
        let subscribed = answered("subscribing", session.subscribe(topics)).await;
        // One that is refused is no business of the others.
        let apart = if subscribed.is_err() { topics } else { &[] };
        for topic in apart {
            if let Err(error) = try_one(session, topic).await? {
                tracing::error!(%topic, ?error, "a group hears nothing of other nodes");
            }
        }
        self.receive(|receiver| receiver.live(topics));
        Ok(())
    }

    async fn subscribe(&self, session: &dyn Session, asks: Vec<Ask>) -> Result<()> {
        let topics: Vec<_> = asks.iter().map(|ask| Arc::clone(&ask.topic)).collect();
        if topics.len() > 1
            && answered("subscribing", session.subscribe(&topics))
                .await
                .is_ok()
        {
            asks.into_iter().for_each(|ask| ask.answer(Ok(())));
            return Ok(());
        }
        // One of several that is refused is no business of the others.
        for ask in asks {
            let tried = try_one(session, &ask.topic).await?;
            if tried.is_err() {
                self.interest.give_up(&ask.topic);
            }
            ask.answer(tried);
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
        for Refused { parcel, why } in refused {
            let topic = parcels.get(*parcel).map(Parcel::topic);
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

/// Subscribes to one topic. A refusal is inside; outside is what ends the session.
async fn try_one(session: &dyn Session, topic: &Arc<str>) -> Result<Result<()>> {
    let topics = std::slice::from_ref(topic);
    let Err(error) = answered("subscribing", session.subscribe(topics)).await else {
        return Ok(Ok(()));
    };
    // It refuses while it lives; else nothing was refused.
    answered("the heartbeat", session.ping()).await?;
    answered("unsubscribing", session.unsubscribe(topics)).await?;
    let text = format!("cannot listen to {topic} on other nodes: {error:?}");
    Ok(Err(Error::with(ErrorKind::Broker, text)))
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
