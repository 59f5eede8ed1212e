//! NatsSession: one connection to a server, used until it breaks.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use async_nats::{Client, ServerAddr};
use futures_util::stream::{AbortHandle, SelectAll};
use parking_lot::Mutex;
use sockeye::{BrokerFuture, Error, Parcel, Refused, Result, Session};
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::reader::{Feed, Reader};
use crate::subjects::Subjects;
use crate::watch::{Refusals, Watch};

/// Where async-nats is sent when it wants to connect again: nobody listens on port 0, so that it gives up at once.
const NOWHERE: &str = "nats://127.0.0.1:0";

/// How long async-nats may take to tell of a refusal that it has read: the time for one of its tasks to run. Where nobody
/// needs to sign in nothing is forbidden, and nobody waits.
const REFUSAL: Duration = Duration::from_millis(5);

/// Subjects that are remembered as open, of some 100 bytes each. When there are more, all of them are new once more, which
/// costs a wait.
const OPEN_MAX: usize = 16_384;

pub(crate) struct NatsSession {
    client: Client,
    watch: Arc<Watch>,
    subjects: Subjects,
    /// Where probes are sent.
    probe: Arc<str>,
    /// Subjects that something was published to and nothing was said against.
    open: Mutex<HashSet<String>>,
    /// How to end each subscription.
    live: Mutex<HashMap<Arc<str>, AbortHandle>>,
    arrivals: mpsc::Sender<Vec<Feed>>,
}

impl NatsSession {
    /// A session over a connection, once the server has shown that it carries messages.
    pub(crate) async fn open(
        client: Client,
        watch: Arc<Watch>,
        subjects: Subjects,
    ) -> Result<Self> {
        let nowhere: ServerAddr = NOWHERE.parse()?;
        client.set_server_pool(nowhere).await?;
        let inbox = client.new_inbox();
        let random = inbox.rsplit('.').next().unwrap_or_default();
        let probe: Arc<str> = subjects.of_probes(random).into();
        let (feed, _) = Feed::new(None, client.subscribe(probe.to_string()).await?);
        // One call subscribes at a time.
        let (arrivals, arrived) = mpsc::channel(1);
        let reader = Reader {
            client: client.clone(),
            watch: Arc::clone(&watch),
            feeds: SelectAll::from_iter([feed]),
            arrivals: arrived,
        };
        tokio::spawn(reader.run());
        let session = Self {
            client,
            watch,
            subjects,
            probe,
            open: Mutex::default(),
            live: Mutex::default(),
            arrivals,
        };
        session.round_trip().await?;
        Ok(session)
    }

    /// Waits until the server has handled everything that was sent before.
    async fn round_trip(&self) -> Result<()> {
        let (bytes, back) = self.watch.probes.launch();
        let bytes = bytes.to_vec().into();
        let sent = self.client.publish(self.probe.to_string(), bytes).await;
        sent.map_err(|_| self.watch.reason())?;
        back.await.map_err(|_| self.watch.reason())
    }

    async fn send(&self, parcels: &[Parcel]) -> Result<Vec<Refused>> {
        let mut refused = Vec::new();
        let mut subjects = Vec::with_capacity(parcels.len());
        for (index, parcel) in parcels.iter().enumerate() {
            let subject = self.subjects.of_topic(parcel.topic());
            match self.objection(&subject, parcel) {
                Some(why) => refused.push(Refused { index, why }),
                None => {
                    let sent = self.client.publish(subject.clone(), parcel.bytes().clone());
                    sent.await.map_err(|_| self.watch.reason())?;
                    subjects.push((index, subject));
                }
            }
        }
        self.round_trip().await?;
        let is_open = |subject: &String| self.open.lock().contains(subject);
        if !subjects.iter().all(|(_, subject)| is_open(subject)) {
            self.hear_refusals().await;
        }
        for (index, subject) in subjects {
            match self.watch.denied(&subject) {
                Some(why) => refused.push(Refused { index, why }),
                None => self.note_open(subject),
            }
        }
        Ok(refused)
    }

    /// Waits for what the server has said before a probe came back, which comes on another way.
    async fn hear_refusals(&self) {
        if self.client.server_info().auth_required {
            sleep(REFUSAL).await;
        }
    }

    fn note_open(&self, subject: String) {
        let mut open = self.open.lock();
        if open.len() >= OPEN_MAX && !open.contains(&subject) {
            open.clear();
        }
        open.insert(subject);
    }

    /// What the server would have against a parcel, as far as that is known before it is asked: too long a one would make
    /// it end the connection, and with it everybody's.
    fn objection(&self, subject: &str, parcel: &Parcel) -> Option<Error> {
        let (found, longest) = (parcel.bytes().len(), self.client.max_payload());
        if found > longest {
            return Some(Error::new(format!(
                "it has {found} bytes and the server takes {longest}; send less, or raise its max_payload"
            )));
        }
        self.watch.denied(subject)
    }

    /// Subscribes to as many as the server allows. What it has against one it says of that; that there are too many it says
    /// of none, and then fewer are asked for at once until it is clear from which one on.
    async fn add_all(&self, topics: &[Arc<str>]) -> Result<Vec<Refused>> {
        let mut refused = Vec::new();
        let (mut from, mut at_once) = (0, topics.len());
        while from < topics.len() {
            let some = &topics[from..topics.len().min(from + at_once)];
            let Refusals { named, unnamed } = self.try_all(some).await?;
            let Some(too_many) = unnamed else {
                refused.extend(self.take_back(some, from, &named).await?);
                from += some.len();
                continue;
            };
            self.remove(some).await?;
            if some.len() == 1 {
                let rest = from..topics.len();
                let why = || self.watch.refuses(&too_many);
                refused.extend(rest.map(|index| Refused { index, why: why() }));
                break;
            }
            at_once = some.len() / 2;
        }
        Ok(refused)
    }

    /// Forgets those that the server has refused by their subjects; `from` is the first one's index.
    async fn take_back(
        &self,
        topics: &[Arc<str>],
        from: usize,
        named: &HashMap<String, String>,
    ) -> Result<Vec<Refused>> {
        let indexed = topics.iter().zip(from..).filter_map(|(topic, index)| {
            let text = named.get(&self.subjects.of_topic(topic))?;
            let why = self.watch.refuses(text);
            Some((Arc::clone(topic), Refused { index, why }))
        });
        let (topics, refused): (Vec<_>, Vec<_>) = indexed.unzip();
        if !topics.is_empty() {
            self.remove(&topics).await?;
        }
        Ok(refused)
    }

    /// Subscribes to some at once; gives what the server has against that.
    async fn try_all(&self, topics: &[Arc<str>]) -> Result<Refusals> {
        let subjects = topics.iter().map(|topic| self.subjects.of_topic(topic));
        self.watch.ask(subjects);
        let added = self.add(topics).await;
        let refusals = self.watch.answer();
        added.map(|()| refusals)
    }

    async fn add(&self, topics: &[Arc<str>]) -> Result<()> {
        let mut feeds = Vec::with_capacity(topics.len());
        for topic in topics {
            let subject = self.subjects.of_topic(topic);
            let subscriber = self.client.subscribe(subject).await;
            let subscriber = subscriber.map_err(|_| self.watch.reason())?;
            let (feed, end) = Feed::new(Some(Arc::clone(topic)), subscriber);
            if let Some(before) = self.live.lock().insert(Arc::clone(topic), end) {
                before.abort();
            }
            feeds.push(feed);
        }
        let handed = self.arrivals.send(feeds).await;
        handed.map_err(|_| self.watch.reason())?;
        self.round_trip().await?;
        // One that is later still ends the session.
        self.hear_refusals().await;
        Ok(())
    }

    async fn remove(&self, topics: &[Arc<str>]) -> Result<()> {
        for topic in topics {
            let end = self.live.lock().remove(topic);
            end.inspect(AbortHandle::abort);
        }
        self.round_trip().await
    }
}

impl Session for NatsSession {
    fn publish<'a>(&'a self, parcels: &'a [Parcel]) -> BrokerFuture<'a, Vec<Refused>> {
        Box::pin(self.send(parcels))
    }

    fn subscribe<'a>(&'a self, topics: &'a [Arc<str>]) -> BrokerFuture<'a, Vec<Refused>> {
        Box::pin(self.add_all(topics))
    }

    fn unsubscribe<'a>(&'a self, topics: &'a [Arc<str>]) -> BrokerFuture<'a> {
        Box::pin(self.remove(topics))
    }

    fn ping(&self) -> BrokerFuture<'_> {
        Box::pin(self.round_trip())
    }
}
