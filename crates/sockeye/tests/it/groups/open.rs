//! Line: a broker through which the test is another node, which says what it likes and hears all that is said.

use std::collections::HashSet;
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::Value;
use sockeye::{Broker, BrokerFuture, Error, Hub, Inbound, MemoryBroker, Parcel, Refused, Session};

/// The number of the node that the test is, as bytes and as the others write it.
const NODE: [u8; 8] = [7; 8];
pub(super) const INBOX: &str = "!node:0707070707070707";

/// The test's end of it.
#[derive(Clone, Default)]
pub(super) struct Line(Arc<State>);

#[derive(Default)]
struct State {
    inbound: Mutex<Option<Inbound>>,
    sent: Mutex<Vec<(String, Vec<u8>)>>,
    /// Topics that are refused.
    forbidden: Mutex<HashSet<String>>,
    /// The groups that were asked for, a call each.
    asked: Mutex<Vec<Vec<String>>>,
}

impl Line {
    /// A node at this broker, which is ready.
    pub(super) async fn hub(&self) -> Hub {
        let hub = Hub::with_broker(self.clone());
        hub.ready().await;
        hub
    }

    fn inbound(&self) -> Inbound {
        self.0.inbound.lock().clone().unwrap()
    }

    /// Has the node hear bytes on a topic.
    pub(super) fn say(&self, topic: &str, bytes: &[u8]) {
        self.inbound().message(topic, bytes);
    }

    /// Tells the node that the broker has dropped something of what it should hear.
    pub(super) fn lose_something(&self) {
        self.inbound().missed("it reads too slowly");
    }

    /// Ends the session.
    pub(super) fn hang_up(&self) {
        self.inbound().ended(Error::new("the test hangs up"));
    }

    /// Refuses subscriptions to these topics from now on, and to no others.
    pub(super) fn forbid(&self, topics: &[&str]) {
        *self.0.forbidden.lock() = topics.iter().map(|&topic| topic.to_owned()).collect();
    }

    /// The calls that asked for groups since the last look.
    pub(super) fn asked(&self) -> Vec<Vec<String>> {
        std::mem::take(&mut *self.0.asked.lock())
    }

    /// The notices with `word` that the node has published to a topic since the start.
    pub(super) fn notices(&self, topic: &str, word: &str) -> Vec<Value> {
        let sent = self.0.sent.lock();
        let sent = sent.iter().filter(|(to, _)| to == topic);
        let bodies = sent
            .filter(|(_, bytes)| bytes[2] == 2)
            .map(|(_, bytes)| &bytes[28..]);
        let notices = bodies.map(|body| serde_json::from_slice::<Value>(body).unwrap());
        notices
            .filter(|notice| notice.get(word).is_some())
            .collect()
    }
}

/// What the test tells the node as another one.
pub(super) fn notice(body: &Value) -> Vec<u8> {
    let mut bytes = vec![0xFF, 1, 2, 8];
    bytes.extend(NODE);
    bytes.extend([0; 16]);
    bytes.extend(body.to_string().into_bytes());
    bytes
}

/// A text that the test publishes as another node, the one of that number.
pub(super) fn message(number: u64, text: &str) -> Vec<u8> {
    let mut bytes = vec![0xFF, 1, 0, 9];
    bytes.extend(NODE);
    bytes.extend(1_u64.to_be_bytes());
    bytes.extend(number.to_be_bytes());
    bytes.extend(text.as_bytes());
    bytes
}

impl Broker for Line {
    fn describe(&self) -> String {
        "the test".to_owned()
    }

    fn connect(&self, inbound: Inbound) -> BrokerFuture<'_, Box<dyn Session>> {
        *self.0.inbound.lock() = Some(inbound.clone());
        Box::pin(async move {
            let session = MemoryBroker::new().connect(inbound).await?;
            let line = self.clone();
            Ok(Box::new(Open { session, line }) as Box<dyn Session>)
        })
    }
}

struct Open {
    session: Box<dyn Session>,
    line: Line,
}

impl Session for Open {
    fn publish<'a>(&'a self, parcels: &'a [Parcel]) -> BrokerFuture<'a, Vec<Refused>> {
        let sent = parcels.iter();
        let sent = sent.map(|parcel| (parcel.topic().to_owned(), parcel.bytes().to_vec()));
        self.line.0.sent.lock().extend(sent);
        self.session.publish(parcels)
    }

    fn subscribe<'a>(&'a self, topics: &'a [Arc<str>]) -> BrokerFuture<'a, Vec<Refused>> {
        let groups = topics.iter().filter(|topic| !topic.starts_with('!'));
        let groups: Vec<_> = groups.map(ToString::to_string).collect();
        if !groups.is_empty() {
            self.line.0.asked.lock().push(groups);
        }
        let forbidden = self.line.0.forbidden.lock();
        let refused = topics.iter().enumerate();
        let refused = refused.filter(|(_, topic)| forbidden.contains(&***topic));
        let refused = refused.map(|(index, _)| Refused {
            index,
            why: Error::new("the test forbids it"),
        });
        Box::pin(std::future::ready(Ok(refused.collect())))
    }

    fn unsubscribe<'a>(&'a self, topics: &'a [Arc<str>]) -> BrokerFuture<'a> {
        self.session.unsubscribe(topics)
    }

    fn ping(&self) -> BrokerFuture<'_> {
        self.session.ping()
    }
}
