//! NatsSession: one connection to a server, used until it breaks.

use std::collections::HashMap;
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
use crate::watch::Watch;

/// Where async-nats is sent when it wants to connect again: nobody listens on port 0, so that it gives up at once.
const NOWHERE: &str = "nats://127.0.0.1:0";

/// How long async-nats may take to tell of a refusal that it has read: the time for one of its tasks to run. Where nobody
/// needs to sign in nothing is forbidden, and nobody waits.
const REFUSAL: Duration = Duration::from_millis(5);

pub(crate) struct NatsSession {
    client: Client,
    watch: Arc<Watch>,
    subjects: Subjects,
    /// Where probes are sent.
    probe: Arc<str>,
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
                Some(why) => refused.push(Refused { parcel: index, why }),
                None => {
                    let sent = self.client.publish(subject.clone(), parcel.bytes().clone());
                    sent.await.map_err(|_| self.watch.reason())?;
                    subjects.push((index, subject));
                }
            }
        }
        self.round_trip().await?;
        for (index, subject) in subjects {
            let denied = self.watch.denied(&subject);
            refused.extend(denied.map(|why| Refused { parcel: index, why }));
        }
        Ok(refused)
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
        if self.client.server_info().auth_required {
            // A refusal has come before the probe, but on another way. One that is later still ends the session.
            sleep(REFUSAL).await;
        }
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

    fn subscribe<'a>(&'a self, topics: &'a [Arc<str>]) -> BrokerFuture<'a> {
        Box::pin(async move {
            let subjects = topics.iter().map(|topic| self.subjects.of_topic(topic));
            self.watch.ask(subjects);
            let added = self.add(topics).await;
            let refused: Option<Error> = self.watch.answer();
            added?;
            refused.map_or(Ok(()), Err)
        })
    }

    fn unsubscribe<'a>(&'a self, topics: &'a [Arc<str>]) -> BrokerFuture<'a> {
        Box::pin(self.remove(topics))
    }

    fn ping(&self) -> BrokerFuture<'_> {
        Box::pin(self.round_trip())
    }
}
