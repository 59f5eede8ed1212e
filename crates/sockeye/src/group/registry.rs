//! Registry: which topics this node listens to, counted by their members, subscribed once.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Waker};

use foldhash::{HashMap, HashMapExt};
use parking_lot::{Mutex, RwLock};
use tokio::sync::Mutex as AsyncMutex;

use crate::broker::{Heard, Stamp, Streams, Uplink};
use crate::engine::{Engine, Topic, UNCOUNTED};
use crate::error::Error;
use crate::group::cluster::Roster;
use crate::group::{GroupName, name};

/// The topics with at least one member here. The first join subscribes, the last leave unsubscribes; in between no
/// member can be lost, because both happen under the topic's own lock and look at the count again.
pub(crate) struct Registry {
    /// `None` for a process on its own.
    uplink: Option<Uplink>,
    topics: RwLock<HashMap<GroupName, Arc<Listening>>>,
}

/// One topic that somebody here is interested in.
pub(crate) struct Listening {
    registry: Weak<Registry>,
    name: GroupName,
    pub(crate) topic: Arc<Topic>,
    /// Members, those on their way in counted. Changed under the registry's lock.
    joins: Mutex<usize>,
    /// Locked while it changes.
    subscription: AsyncMutex<Subscription>,
    /// What was heard of other nodes.
    streams: Mutex<Streams>,
    /// The last session has refused it, of which those who are here are only told that something may be missing. Who joins
    /// asks again.
    is_deaf: AtomicBool,
    /// Messages of other nodes that never came and of which the members have not been told.
    missing: AtomicU64,
    /// Who is tracked, from the first time that somebody is or asks.
    pub(crate) roster: Mutex<Option<Box<Roster>>>,
}

/// What is known of a topic at the broker.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Subscription {
    Off,
    /// It was asked for and no answer came, or an error: it may be there.
    Unsure,
    Live,
}

impl Listening {
    pub(crate) fn name(&self) -> &GroupName {
        &self.name
    }

    /// Hears a message of another node; false when it was heard before.
    pub(crate) fn hear(&self, stamp: Stamp) -> bool {
        let heard = self.streams.lock().hear(stamp);
        self.note(heard)
    }

    /// Hears how far another node has counted.
    pub(crate) fn place(&self, stamp: Stamp) {
        let heard = self.streams.lock().place(stamp);
        self.note(heard);
    }

    fn note(&self, heard: Heard) -> bool {
        match heard {
            Heard::Next => true,
            Heard::Repeated => false,
            Heard::After(0) => {
                self.miss(UNCOUNTED);
                true
            }
            Heard::After(messages) => {
                self.miss(messages);
                true
            }
        }
    }

    /// Notes that messages are missing.
    pub(crate) fn miss(&self, messages: u64) {
        if messages == UNCOUNTED {
            self.streams.lock().excuse();
        }
        let add = |missing: u64| Some(missing.saturating_add(messages));
        // Always gives something to add to.
        let _ = self
            .missing
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, add);
    }

    /// Notes whether a session that has begun refuses the topic.
    pub(crate) fn set_deaf(&self, is_deaf: bool) {
        self.is_deaf.store(is_deaf, Ordering::Release);
    }

    /// Something may be missing in what is known of other nodes' members.
    pub(crate) fn doubt_roster(&self) {
        if let Some(roster) = &mut *self.roster.lock() {
            roster.is_whole = false;
        }
    }

    /// Forgets what was heard of other nodes: nothing more is.
    fn forget(&self) {
        *self.streams.lock() = Streams::default();
        *self.roster.lock() = None;
    }

    /// What the members are to be told of now.
    pub(crate) fn take_missing(&self) -> Option<u64> {
        if self.missing.load(Ordering::Acquire) == 0 {
            return None;
        }
        let missing = self.missing.swap(0, Ordering::AcqRel);
        if missing == UNCOUNTED {
            self.streams.lock().limit_excuse();
        }
        Some(missing).filter(|missing| *missing > 0)
    }
}

impl Registry {
    pub(crate) fn new(uplink: Option<Uplink>) -> Self {
        Self {
            uplink,
            topics: RwLock::new(HashMap::new()),
        }
    }

    pub(crate) fn uplink(&self) -> Option<&Uplink> {
        self.uplink.as_ref()
    }

    /// All topics with members here that may have others elsewhere.
    pub(crate) fn all(&self) -> Vec<Arc<Listening>> {
        let topics = self.topics.read();
        let shared = topics.values().filter(|known| !known.name.is_local());
        shared.cloned().collect()
    }

    /// The topic, when it has members here.
    pub(crate) fn get(&self, name: &GroupName) -> Option<Arc<Listening>> {
        self.topics.read().get(name).cloned()
    }

    /// The topic that goes by this string at the broker, when it has members here.
    pub(crate) fn by_topic(&self, topic: &str) -> Option<Arc<Listening>> {
        let topics = self.topics.read();
        topics
            .get(topic)
            .filter(|_| !name::is_local(topic))
            .cloned()
    }

    pub(crate) fn len(&self) -> usize {
        self.topics.read().len()
    }

    /// Counts a member in; finishes when the broker's subscription is live, or at once when it is out of reach: the member
    /// is told of the gap when it is back.
    ///
    /// # Errors
    /// `Broker` when it refuses; the member is then counted out again.
    ///
    /// # Cancel safety
    /// Dropped early, the member is counted out again.
    pub(crate) async fn enter(
        self: &Arc<Self>,
        engine: &Engine,
        name: GroupName,
    ) -> Result<Entered, Error> {
        let entered = Entered {
            listening: self.count_in(engine, name),
        };
        let listening = &*entered.listening;
        let Some(uplink) = self.uplink.as_ref().filter(|_| !listening.name.is_local()) else {
            return Ok(entered);
        };
        let mut subscription = listening.subscription.lock().await;
        if *subscription != Subscription::Live || listening.is_deaf.load(Ordering::Acquire) {
            *subscription = Subscription::Unsure;
            listening.set_deaf(false);
            let later = || listening.miss(UNCOUNTED);
            uplink.subscribe(listening.topic.name(), later).await?;
            *subscription = Subscription::Live;
        }
        drop(subscription);
        Ok(entered)
    }

    fn count_in(self: &Arc<Self>, engine: &Engine, name: GroupName) -> Arc<Listening> {
        let mut topics = self.topics.write();
        let listening = topics.entry(name.clone()).or_insert_with(|| {
            Arc::new(Listening {
                registry: Arc::downgrade(self),
                topic: engine.topic(name.shared(), &name.kind()),
                name,
                joins: Mutex::new(0),
                subscription: AsyncMutex::new(Subscription::Off),
                streams: Mutex::default(),
                is_deaf: AtomicBool::new(false),
                missing: AtomicU64::new(0),
                roster: Mutex::default(),
            })
        });
        *listening.joins.lock() += 1;
        Arc::clone(listening)
    }

    fn count_out(self: &Arc<Self>, listening: &Arc<Listening>) {
        let topics = self.topics.write();
        let mut joins = listening.joins.lock();
        *joins -= 1;
        let last = *joins == 0;
        drop(joins);
        drop(topics);
        if last {
            let settle = Arc::clone(self).unsubscribe(Arc::clone(listening));
            finish(settle);
        }
    }

    /// Ends the subscription if nobody has joined again meanwhile, then forgets the topic, if still nobody has.
    async fn unsubscribe(self: Arc<Self>, listening: Arc<Listening>) {
        let mut subscription = listening.subscription.lock().await;
        if *listening.joins.lock() > 0 {
            return;
        }
        if let Some(uplink) = &self.uplink
            && *subscription != Subscription::Off
        {
            // Until it is through nobody knows; this may be dropped meanwhile.
            *subscription = Subscription::Unsure;
            if let Err(error) = uplink.unsubscribe(listening.topic.name()).await {
                tracing::warn!(topic = %listening.name, %error, "cannot unsubscribe; the broker may send in vain");
            }
            *subscription = Subscription::Off;
            listening.forget();
        }
        let mut topics = self.topics.write();
        let same = topics
            .get(&listening.name)
            .is_some_and(|known| Arc::ptr_eq(known, &listening));
        if same && *listening.joins.lock() == 0 {
            topics.remove(&listening.name);
        }
    }
}

/// A member's place in a topic; dropping it gives the place up.
pub(crate) struct Entered {
    pub(crate) listening: Arc<Listening>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        // Without a registry there is no broker either that could still send in vain.
        if let Some(registry) = self.listening.registry.upgrade() {
            registry.count_out(&self.listening);
        }
    }
}

/// Runs work to its end: at once when it need not wait, as is the case in a single process, else as a task.
fn finish(work: impl Future<Output = ()> + Send + 'static) {
    let mut work = Box::pin(work);
    let mut cx = Context::from_waker(Waker::noop());
    if pin!(&mut work).poll(&mut cx).is_pending()
        && let Ok(runtime) = tokio::runtime::Handle::try_current()
    {
        runtime.spawn(work);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::MemoryBroker;
    use crate::group::{Hub, IntoGroupName};

    #[tokio::test]
    async fn an_unsubscription_that_is_dropped_half_way_leaves_no_member_deaf() {
        let broker = MemoryBroker::new();
        let (near, far) = (Hub::with_broker(broker.clone()), Hub::with_broker(broker));
        let name = "lobby".into_group_name().unwrap();
        let enter = || far.enter(name.clone());
        let entered = enter().await.unwrap();
        let listening = Arc::clone(&entered.listening);
        let registry = listening.registry.upgrade().unwrap();
        *listening.joins.lock() = 0;
        let mut leaving = Box::pin(Arc::clone(&registry).unsubscribe(Arc::clone(&listening)));
        // It is asked for, and whoever waited for the answer is gone; the broker does it all the same.
        assert!(futures_util::poll!(&mut leaving).is_pending());
        drop(leaving);
        *listening.joins.lock() = 1;
        let again = enter().await.unwrap();
        assert!(Arc::ptr_eq(&again.listening, &listening));
        near.group("lobby").unwrap().broadcast("hi").unwrap();
        near.flush().await.unwrap();
        assert_eq!(far.stats().broker.received, 1);
    }
}
