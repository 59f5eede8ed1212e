//! Uplink: one node's way to the others through a broker, kept open.

mod interest;
mod session;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, timeout};

use crate::broker::envelope::{self, Contents, Letter};
use crate::broker::inbound::Listen;
use crate::broker::outbound::{NODES, Outbound};
use crate::broker::uplink::interest::Interest;
use crate::broker::uplink::session::Ended;
use crate::broker::{Broker, BrokerStats, Inbound, Publication, Readiness, Stamp};
use crate::error::{Error, Result};
use crate::id::NodeId;

/// How long a broker may take for an answer: many times what a busy one needs, and as long as a handshake may take.
const ANSWER_MAX: Duration = Duration::from_secs(5);

/// How often a session is asked whether it lives. One that hangs is noticed within this and the time for an answer.
const HEARTBEAT_MAX: Duration = Duration::from_secs(2);

/// Heartbeats in a lease: several may be late before a node counts as gone.
const BEATS: u32 = 6;

/// The pause before the next try: a random part of a span that doubles up to one second. Nodes that lost their broker
/// together do not come back together, and are there within 2 s of its return.
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// A session that lasts so long was none of those that end as soon as they begin.
const LASTING: Duration = Duration::from_secs(10);

/// What a node does with what comes in, in order. Must not wait.
pub(crate) trait Receiver: Send + Sync {
    /// A message of another node, or of another program when it has no stamp.
    fn message(&self, topic: &str, stamp: Option<Stamp>, letter: Letter<'_>);
    /// Some messages have come, and whoever brings them has paused.
    fn arrived(&self);
    /// A node that lost something on its way to the broker has counted so far; `None` for all topics.
    fn position(&self, topic: Option<&str>, stamp: Stamp);
    /// What another node tells the nodes.
    fn notice(&self, topic: &str, stamp: Stamp, body: &[u8]);
    /// Messages of a topic, or of all, may be missing; to be told once it is live.
    fn missing(&self, topic: Option<&str>);
    /// A topic that was wanted already when a session began is live again, or refused by that.
    fn asked(&self, topic: &str, is_live: bool);
    /// All that is wanted is live.
    fn ready(&self);
    /// Time has passed, some of a lease, and all is well.
    fn tick(&self);
}

/// A node's way to the others. Dropped, it is closed; what waits is lost then.
pub(crate) struct Uplink {
    line: Arc<Line>,
    task: OnceLock<AbortHandle>,
}

/// A message in the bytes in which it travels, but for its stamp.
pub(crate) struct Sealed {
    topic: Arc<str>,
    message: Vec<u8>,
}

/// What its task and its users share.
struct Line {
    broker: Box<dyn Broker>,
    node: NodeId,
    receiver: Weak<dyn Receiver>,
    heartbeat: Duration,
    outbound: Outbound,
    interest: Interest,
    /// Called when a message has come.
    came: Notify,
    readiness: watch::Sender<Readiness>,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    sessions: AtomicU64,
    received: AtomicU64,
    repeated: AtomicU64,
    unreadable: AtomicU64,
    gaps: AtomicU64,
}

fn add(count: &AtomicU64) {
    count.fetch_add(1, Ordering::Relaxed);
}

impl Uplink {
    /// A way that is opened as soon as there is a runtime: now, or with the first call from inside of one.
    /// How often the broker, and with it other nodes, hear of this one follows from the `lease` that a silent node has.
    pub(crate) fn new(
        broker: Box<dyn Broker>,
        node: NodeId,
        receiver: Weak<dyn Receiver>,
        lease: Duration,
    ) -> Self {
        let starting = format!("connecting to {}", broker.describe());
        let uplink = Self {
            line: Arc::new(Line {
                broker,
                node,
                receiver,
                heartbeat: HEARTBEAT_MAX.min(lease / BEATS),
                outbound: Outbound::new(node),
                interest: Interest::new(),
                came: Notify::new(),
                readiness: watch::Sender::new(Readiness::not_yet(starting)),
                counts: Counts::default(),
            }),
            task: OnceLock::new(),
        };
        uplink.start();
        uplink
    }

    fn start(&self) {
        if self.task.get().is_none()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let run = || runtime.spawn(Arc::clone(&self.line).run()).abort_handle();
            self.task.get_or_init(run);
        }
    }

    /// Writes a message for the other nodes.
    pub(crate) fn seal(publication: Publication) -> Sealed {
        let message = envelope::message(&publication);
        Sealed {
            topic: publication.topic,
            message,
        }
    }

    /// Hands a message to the other nodes, without waiting.
    ///
    /// # Errors
    /// `Broker` while it is out of reach, `Full` when too much waits for it.
    pub(crate) fn publish(&self, sealed: Sealed) -> Result<()> {
        self.start();
        self.line.outbound.push(&sealed.topic, sealed.message)
    }

    /// The topic on which one node alone listens.
    pub(crate) fn inbox_of(node: NodeId) -> Arc<str> {
        format!("!node:{node}").into()
    }

    /// Tells other nodes something, if they can be reached: those that hear a topic, or all.
    pub(crate) fn notify(&self, topic: Option<&Arc<str>>, body: &[u8]) {
        self.start();
        match topic {
            Some(topic) => self.line.outbound.push_notice(topic, body),
            None => self.line.outbound.push_notice(&NODES.into(), body),
        }
    }

    /// Finishes when the topic's subscription is live; at once, after `later`, when the broker is out of reach.
    ///
    /// # Errors
    /// `Broker` when it refuses.
    ///
    /// # Cancel safety
    /// Dropped, the topic may be subscribed to; `unsubscribe` ends that.
    pub(crate) async fn subscribe(&self, topic: &Arc<str>, later: impl FnOnce()) -> Result<()> {
        self.start();
        self.line.interest.subscribe(topic, later).await
    }

    pub(crate) async fn unsubscribe(&self, topic: &Arc<str>) -> Result<()> {
        self.line.interest.unsubscribe(topic).await
    }

    pub(crate) async fn flush(&self) -> Result<()> {
        self.start();
        self.line.outbound.flush().await
    }

    pub(crate) fn readiness(&self) -> Readiness {
        self.start();
        self.line.readiness.borrow().clone()
    }

    /// Finishes when the node is ready.
    pub(crate) async fn ready(&self) {
        self.start();
        let mut readiness = self.line.readiness.subscribe();
        // The sender lives as long as this.
        let _ = readiness.wait_for(Readiness::is_ready).await;
    }

    /// Whether nothing is on its way to the others.
    #[cfg(feature = "testing")]
    pub(crate) fn is_settled(&self) -> bool {
        self.line.outbound.is_settled()
    }

    /// Counts a message that came a second time.
    pub(crate) fn count_repeated(&self) {
        add(&self.line.counts.repeated);
    }

    /// Counts a gap that the members of a group were told of.
    pub(crate) fn count_gap(&self) {
        add(&self.line.counts.gaps);
    }

    /// Counts a message for members here.
    pub(crate) fn count_received(&self) {
        add(&self.line.counts.received);
    }

    pub(crate) fn stats(&self) -> BrokerStats {
        let counts = &self.line.counts;
        let tally = self.line.outbound.tally();
        BrokerStats {
            sessions: counts.sessions.load(Ordering::Relaxed),
            published: tally.published,
            lost: tally.lost,
            received: counts.received.load(Ordering::Relaxed),
            repeated: counts.repeated.load(Ordering::Relaxed),
            unreadable: counts.unreadable.load(Ordering::Relaxed),
            gaps: counts.gaps.load(Ordering::Relaxed),
            subscriptions: self.line.interest.len(),
            waiting: self.line.outbound.waiting(),
        }
    }
}

impl Drop for Uplink {
    fn drop(&mut self) {
        if let Some(task) = self.task.get() {
            task.abort();
        }
    }
}

impl Line {
    /// Keeps a session open, for ever.
    async fn run(self: Arc<Self>) {
        let mut pause = PAUSE_MIN;
        loop {
            let began = Instant::now();
            let why = self.hold_session().await;
            self.lose_session(&why);
            if began.elapsed() > LASTING {
                pause = PAUSE_MIN;
            }
            sleep(part_of(pause)).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    /// Opens a session and stays with it until it ends; gives why that was.
    async fn hold_session(self: &Arc<Self>) -> Error {
        let listener = Arc::new(Listener {
            line: Arc::clone(self),
            ended: Ended::default(),
        });
        let inbound = Inbound::new(Arc::clone(&listener) as Arc<dyn Listen>);
        let session = match timeout(ANSWER_MAX, self.broker.connect(inbound)).await {
            Ok(Ok(session)) => session,
            Ok(Err(error)) => return error,
            Err(_) => return late("the connection"),
        };
        add(&self.counts.sessions);
        tracing::info!(broker = self.broker.describe(), "connected");
        self.outbound.open();
        let why = self.drive(&*session, &listener.ended).await;
        // What an ended session still tells is old.
        listener.ended.end(Error::new("it was closed"));
        self.receive(|receiver| receiver.arrived());
        why
    }

    fn lose_session(&self, why: &Error) {
        let text = format!("{} cannot be reached: {why:?}", self.broker.describe());
        let readiness = Readiness::not_yet(text.as_str());
        // Said once, and again when the reason is another one.
        if self.readiness.send_replace(readiness.clone()) != readiness {
            tracing::warn!("{text}; trying again");
        }
        self.outbound.shut(&text);
        self.interest.go_away();
        self.receive(|receiver| receiver.missing(None));
    }

    fn receive(&self, receive: impl FnOnce(&dyn Receiver)) {
        if let Some(receiver) = self.receiver.upgrade() {
            receive(&*receiver);
        }
    }

    fn open(&self, topic: &str, bytes: &[u8]) {
        match envelope::open(bytes) {
            Ok(
                Contents::Message(Some(stamp), _)
                | Contents::Position(stamp)
                | Contents::Notice(stamp, _),
            ) if stamp.node == self.node => {}
            Ok(Contents::Message(stamp, letter)) => {
                self.receive(|receiver| receiver.message(topic, stamp, letter));
                self.came.notify_one();
            }
            Ok(Contents::Position(stamp)) => {
                let topic = Some(topic).filter(|topic| *topic != NODES);
                self.receive(|receiver| receiver.position(topic, stamp));
            }
            Ok(Contents::Notice(stamp, body)) => {
                self.receive(|receiver| receiver.notice(topic, stamp, body));
            }
            Err(error) => {
                add(&self.counts.unreadable);
                tracing::warn!(topic, %error, "a message from the broker was thrown away");
            }
        }
    }
}

/// Who listens to one session, until that has ended.
struct Listener {
    line: Arc<Line>,
    ended: Ended,
}

impl Listen for Listener {
    fn message(&self, topic: &str, bytes: &[u8]) {
        self.ended.take_in(|| self.line.open(topic, bytes));
    }

    fn missed(&self, why: &str) {
        self.ended.take_in(|| {
            tracing::warn!(why, "messages of other nodes were missed");
            self.line.receive(|receiver| receiver.missing(None));
        });
    }

    fn ended(&self, why: Error) {
        self.ended.end(why);
    }
}

fn late(what: &str) -> Error {
    Error::new(format!("{what} took longer than {ANSWER_MAX:?}"))
}

/// A random part of a span, at least a tenth.
fn part_of(span: Duration) -> Duration {
    let mut random = [0; 4];
    // Without randomness all wait for as long: slower, not wrong.
    let _ = getrandom::fill(&mut random);
    let share = f64::from(u32::from_be_bytes(random)) / f64::from(u32::MAX);
    span.mul_f64(0.1 + 0.9 * share)
}
