//! Registry: which topics this node listens to, counted by their members, subscribed once.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Waker};

use foldhash::{HashMap, HashMapExt};
use parking_lot::{Mutex, RwLock};
use tokio::sync::Mutex as AsyncMutex;

use crate::broker::Broker;
use crate::engine::{Engine, Topic};
use crate::error::Error;
use crate::group::GroupName;

/// The topics with at least one member here. The first join subscribes, the last leave unsubscribes; in between no
/// member can be lost, because both happen under the topic's own lock and look at the count again.
pub(crate) struct Registry {
    broker: Arc<dyn Broker>,
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
}

impl Registry {
    pub(crate) fn new(broker: Arc<dyn Broker>) -> Self {
        Self {
            broker,
            topics: RwLock::new(HashMap::new()),
        }
    }

    pub(crate) fn broker(&self) -> &dyn Broker {
        &*self.broker
    }

    /// The topic, when it has members here.
    pub(crate) fn get(&self, name: &GroupName) -> Option<Arc<Listening>> {
        self.topics.read().get(name).cloned()
    }

    /// The topic that goes by this string at the broker, when it has members here.
    pub(crate) fn by_topic(&self, topic: &str) -> Option<Arc<Listening>> {
        self.topics.read().get(topic).cloned()
    }

    pub(crate) fn len(&self) -> usize {
        self.topics.read().len()
    }

    /// Counts a member in; finishes when the broker's subscription is live.
    ///
    /// # Errors
    /// What the broker says; the member is then counted out again.
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
        let mut subscription = entered.listening.subscription.lock().await;
        if *subscription != Subscription::Live {
            *subscription = Subscription::Unsure;
            self.broker
                .subscribe(entered.listening.name.as_str())
                .await?;
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
        if *subscription != Subscription::Off {
            if let Err(error) = self.broker.unsubscribe(listening.name.as_str()).await {
                tracing::warn!(topic = %listening.name, %error, "cannot unsubscribe; the broker may send in vain");
            }
            *subscription = Subscription::Off;
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
