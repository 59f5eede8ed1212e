//! Slow: a broker in memory that answers when the test wants it to, and that others keep their promises to.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::try_join_all;
use parking_lot::Mutex;
use sockeye::{Broker, BrokerFuture, Error, Inbound, MemoryBroker, Parcel, Refused, Session};
use tokio::sync::Semaphore;

/// What a test knows of the broker that it gave away.
#[derive(Debug)]
pub(super) struct Record {
    /// Per topic: subscriptions that are live, and calls that are under way.
    topics: Mutex<HashMap<String, (usize, usize)>>,
    /// How many calls may still be answered.
    answers: Semaphore,
    /// How many subscriptions are to fail.
    failures: Semaphore,
}

#[derive(Debug)]
pub(super) struct Slow {
    broker: MemoryBroker,
    record: Arc<Record>,
}

impl Record {
    pub(super) fn new(answers: usize) -> Arc<Self> {
        Arc::new(Self {
            topics: Mutex::default(),
            answers: Semaphore::new(answers),
            failures: Semaphore::new(0),
        })
    }

    /// How many topics are subscribed to.
    pub(super) fn live(&self) -> usize {
        self.topics.lock().values().map(|(live, _)| live).sum()
    }

    /// How many calls wait for their answer.
    pub(super) fn waiting(&self) -> usize {
        self.topics.lock().values().map(|(_, calls)| calls).sum()
    }

    /// Lets so many more calls be answered.
    pub(super) fn answer(&self, calls: usize) {
        self.answers.add_permits(calls);
    }

    /// Lets so many subscriptions fail, once they are live.
    pub(super) fn fail(&self, calls: usize) {
        self.failures.add_permits(calls);
    }
}

/// A call under way; it may be dropped at any point.
struct Call<'a>(&'a Record, &'a str);

impl<'a> Call<'a> {
    fn begin(record: &'a Record, topic: &'a str) -> Self {
        let mut topics = record.topics.lock();
        let (_, calls) = topics.entry(topic.to_owned()).or_default();
        *calls += 1;
        assert_eq!(*calls, 1, "two calls about {topic} at once");
        drop(topics);
        Self(record, topic)
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.0.topics.lock().get_mut(self.1).unwrap().1 -= 1;
    }
}

impl Slow {
    pub(super) fn new(broker: MemoryBroker, record: &Arc<Record>) -> Self {
        let record = Arc::clone(record);
        Self { broker, record }
    }
}

impl Broker for Slow {
    fn describe(&self) -> String {
        "a slow broker".to_owned()
    }

    fn connect(&self, inbound: Inbound) -> BrokerFuture<'_, Box<dyn Session>> {
        Box::pin(async move {
            let session = self.broker.connect(inbound).await?;
            let record = Arc::clone(&self.record);
            Ok(Box::new(Slowly { session, record }) as Box<dyn Session>)
        })
    }
}

struct Slowly {
    session: Box<dyn Session>,
    record: Arc<Record>,
}

impl Slowly {
    /// Gives why it refuses, if it does.
    async fn subscribe_one(&self, topic: &Arc<str>) -> Result<Option<Error>, Error> {
        let _call = Call::begin(&self.record, topic);
        // As with a broker far away: it has gone through before anybody hears of it.
        self.session.subscribe(std::slice::from_ref(topic)).await?;
        self.record.topics.lock().get_mut(&**topic).unwrap().0 = 1;
        tokio::task::yield_now().await;
        self.record.answers.acquire().await.unwrap().forget();
        match self.record.failures.try_acquire() {
            Ok(failure) => {
                failure.forget();
                Ok(Some(Error::new("the broker has a bad day")))
            }
            Err(_) => Ok(None),
        }
    }

    async fn unsubscribe_one(&self, topic: &Arc<str>) -> Result<(), Error> {
        let _call = Call::begin(&self.record, topic);
        tokio::task::yield_now().await;
        self.session
            .unsubscribe(std::slice::from_ref(topic))
            .await?;
        self.record.topics.lock().get_mut(&**topic).unwrap().0 = 0;
        tokio::task::yield_now().await;
        Ok(())
    }
}

impl Drop for Slowly {
    /// With a session its subscriptions end.
    fn drop(&mut self) {
        let mut topics = self.record.topics.lock();
        topics.values_mut().for_each(|(live, _)| *live = 0);
    }
}

/// Whether it is a group's and not the nodes' own.
fn is_group(topic: &str) -> bool {
    !topic.starts_with('!')
}

impl Session for Slowly {
    fn publish<'a>(&'a self, parcels: &'a [Parcel]) -> BrokerFuture<'a, Vec<Refused>> {
        self.session.publish(parcels)
    }

    fn subscribe<'a>(&'a self, topics: &'a [Arc<str>]) -> BrokerFuture<'a, Vec<Refused>> {
        Box::pin(async move {
            let calls = topics.iter().enumerate();
            let calls = calls.filter(|(_, topic)| is_group(topic));
            let calls = calls.map(|(index, topic)| async move {
                let refused = self.subscribe_one(topic).await?;
                Ok::<_, Error>(refused.map(|why| Refused { index, why }))
            });
            let refused = try_join_all(calls).await?;
            Ok(refused.into_iter().flatten().collect())
        })
    }

    fn unsubscribe<'a>(&'a self, topics: &'a [Arc<str>]) -> BrokerFuture<'a> {
        Box::pin(async move {
            let groups = topics.iter().filter(|topic| is_group(topic));
            let calls = groups.map(|topic| self.unsubscribe_one(topic));
            try_join_all(calls).await.map(|_| ())
        })
    }

    fn ping(&self) -> BrokerFuture<'_> {
        self.session.ping()
    }
}
