//! The broker suite over the broker in memory, and over brokers that break their promises.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use sockeye::testing::{BrokerSuite, Chaos};
use sockeye::{Broker, BrokerFuture, Inbound, MemoryBroker, Parcel, Refused, Session};

fn suite(broker: &MemoryBroker) -> BrokerSuite {
    let service = broker.clone();
    BrokerSuite::new(move || service.clone()).with_outages(broker.clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_broker_in_memory_keeps_all_promises() {
    suite(&MemoryBroker::new()).run().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_broker_in_memory_survives_chaos() {
    let mut chaos = Chaos::default();
    chaos.restarts = 10;
    chaos.pace = Duration::from_millis(2);
    let report = suite(&MemoryBroker::new()).chaos(chaos).await;
    assert_eq!(report.recoveries.len(), 10);
    assert!(report.missed > 0, "nothing was lost: {report}");
}

/// What a broker may get wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// Subscriptions are said to be live before they are.
    Hasty,
    /// Publishes the last first.
    Backwards,
    /// Loses one message in 100.
    Leaky,
    /// Ends no subscription.
    Sticky,
    /// Ends no session.
    Clinging,
}

#[derive(Clone)]
struct Faulty {
    broker: MemoryBroker,
    fault: Fault,
    kept: Arc<Mutex<Vec<Arc<dyn Session>>>>,
}

struct FaultySession {
    session: Arc<dyn Session>,
    broker: Faulty,
    published: AtomicUsize,
}

impl Broker for Faulty {
    fn describe(&self) -> String {
        format!("a broker that is {:?}", self.fault)
    }

    fn connect(&self, inbound: Inbound) -> BrokerFuture<'_, Box<dyn Session>> {
        Box::pin(async {
            let session = Arc::from(self.broker.connect(inbound).await?);
            let session = FaultySession {
                session,
                broker: self.clone(),
                published: AtomicUsize::new(0),
            };
            Ok(Box::new(session) as Box<dyn Session>)
        })
    }
}

impl Session for FaultySession {
    fn publish<'a>(&'a self, parcels: &'a [Parcel]) -> BrokerFuture<'a, Vec<Refused>> {
        let mut sent = parcels.to_vec();
        match self.broker.fault {
            Fault::Backwards => sent.reverse(),
            Fault::Leaky => {
                sent.retain(|_| self.published.fetch_add(1, Ordering::Relaxed) % 100 != 99);
            }
            _ => {}
        }
        Box::pin(async move { self.session.publish(&sent).await })
    }

    fn subscribe<'a>(&'a self, topics: &'a [Arc<str>]) -> BrokerFuture<'a, Vec<Refused>> {
        if self.broker.fault != Fault::Hasty {
            return self.session.subscribe(topics);
        }
        let (session, topics) = (Arc::clone(&self.session), topics.to_vec());
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(5)).await;
            session.subscribe(&topics).await
        });
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    fn unsubscribe<'a>(&'a self, topics: &'a [Arc<str>]) -> BrokerFuture<'a> {
        match self.broker.fault {
            Fault::Sticky => self.session.ping(),
            _ => self.session.unsubscribe(topics),
        }
    }

    fn ping(&self) -> BrokerFuture<'_> {
        self.session.ping()
    }
}

impl Drop for FaultySession {
    fn drop(&mut self) {
        if self.broker.fault == Fault::Clinging {
            let session = Arc::clone(&self.session);
            self.broker.kept.lock().push(session);
        }
    }
}

/// What the suite says of a broker with a fault, in one of its cases.
async fn verdict(fault: Fault, case: &'static str) -> String {
    let broker = Faulty {
        broker: MemoryBroker::new(),
        fault,
        kept: Arc::default(),
    };
    let suite = BrokerSuite::new(move || broker.clone()).patience(Duration::from_secs(2));
    let failed = tokio::spawn(suite.only(case).run()).await.unwrap_err();
    failed
        .into_panic()
        .downcast_ref::<String>()
        .unwrap()
        .clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_promises_are_found_and_named() {
    for (fault, case, promise) in [
        (
            Fault::Hasty,
            "joins_are_live",
            "nothing published afterwards is missed",
        ),
        (
            Fault::Hasty,
            "a_batch_is_live_at_once",
            "what anybody publishes afterwards arrives",
        ),
        (
            Fault::Hasty,
            "coming_and_going_loses_nothing",
            "misses no message",
        ),
        (
            Fault::Backwards,
            "messages_arrive_in_order",
            "arrive in order",
        ),
        (Fault::Leaky, "messages_arrive_in_order", "none is lost"),
        (Fault::Leaky, "ten_thousand_topics", "each of them is live"),
        (
            Fault::Sticky,
            "ended_subscriptions_fall_silent",
            "only nodes that want a topic",
        ),
        (
            Fault::Clinging,
            "a_dropped_session_is_gone",
            "leave nothing open",
        ),
    ] {
        let said = verdict(fault, case).await;
        assert!(
            said.contains(case) && said.contains(promise),
            "{fault:?}: {said}"
        );
    }
}

#[tokio::test]
async fn a_case_that_is_none_is_no_success() {
    let said = verdict(Fault::Leaky, "messages_arive").await;
    assert!(said.contains("no case \"messages_arive\""), "{said}");
}
