//! Outbound: what this node has published and the broker has not taken yet, and what it never took.

use std::collections::VecDeque;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};
use parking_lot::Mutex;
use tokio::sync::{Notify, watch};

use crate::broker::{Parcel, Refused, Stamp, envelope};
use crate::error::{Error, ErrorKind, Result};
use crate::id::NodeId;

/// Publications that may wait for the broker, and their bytes: some seconds of any load that a broker carries.
const PARCELS_MAX: usize = 65_536;
const PARCEL_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Bytes of notices that are taken in however much waits.
const NOTICE_BYTES_FREE: usize = 4096;

/// What leaves in one go: enough to hide the way there and back, little enough to be taken well within its time.
const BATCH_PARCELS_MAX: usize = 1024;
const BATCH_BYTES_MAX: usize = 1024 * 1024;

/// Topics whose messages are counted. When there are more, all counts begin anew, and nothing is lost but the chance to
/// notice, at that moment, what the broker may have lost in silence.
const STREAMS_MAX: usize = 65_536;

/// What the node publishes to everybody who listens to anything: notices of the nodes to each other. No group can have
/// this name.
pub(crate) const NODES: &str = "!nodes";

/// The queue of one node.
pub(crate) struct Outbound {
    node: NodeId,
    queue: Mutex<Queue>,
    /// Called when something waits.
    filled: Notify,
    /// How many parcels have been settled, taken or lost.
    settled: watch::Sender<u64>,
}

struct Queue {
    /// Why nothing is taken in, if so.
    shut: Option<Arc<str>>,
    parcels: VecDeque<Parcel>,
    bytes: usize,
    streams: HashMap<Arc<str>, Count>,
    next_stream: u64,
    /// Where the counts stand of topics of which something was lost. As many as there are counts.
    lost: HashMap<Arc<str>, Count>,
    /// Whether there were more.
    lost_everywhere: bool,
    /// Those of which the broker refuses even to tell; the next session tries again.
    untold: Vec<Parcel>,
    accepted: u64,
    tally: Tally,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Count {
    stream: u64,
    sequence: u64,
}

impl Count {
    /// That of what is not counted.
    const NONE: Self = Self {
        stream: 0,
        sequence: 0,
    };

    fn stamp(self, node: NodeId) -> Stamp {
        Stamp {
            node,
            stream: self.stream,
            sequence: self.sequence,
        }
    }
}

impl From<Stamp> for Count {
    fn from(stamp: Stamp) -> Self {
        let Stamp {
            stream, sequence, ..
        } = stamp;
        Self { stream, sequence }
    }
}

/// What became of publications since the start.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) published: u64,
    pub(crate) lost: u64,
    /// Those of them of which nobody was told by [`Outbound::flush`].
    unreported: u64,
}

impl Tally {
    fn lose(&mut self, messages: u64) {
        self.lost += messages;
        self.unreported += messages;
    }
}

impl Outbound {
    pub(crate) fn new(node: NodeId) -> Self {
        let queue = Queue {
            shut: None,
            parcels: VecDeque::new(),
            bytes: 0,
            streams: HashMap::new(),
            next_stream: 1,
            lost: HashMap::new(),
            lost_everywhere: false,
            untold: Vec::new(),
            accepted: 0,
            tally: Tally::default(),
        };
        Self {
            node,
            queue: Mutex::new(queue),
            filled: Notify::new(),
            settled: watch::Sender::new(0),
        }
    }

    /// Takes a message in, as [`envelope::message`] has written it.
    ///
    /// # Errors
    /// `Broker` while it is out of reach, `Full` when too much waits. The subscribers hear later that something is missing.
    pub(crate) fn push(&self, topic: &Arc<str>, message: Vec<u8>) -> Result<()> {
        let mut queue = self.queue.lock();
        let count = queue.count(topic);
        let bytes = envelope::stamp(count.stamp(self.node), message);
        let refusal = queue.refusal(bytes.len());
        if let Err(error) = refusal {
            queue.tally.lose(1);
            queue.remember_loss(topic, count);
            return Err(error.about(topic));
        }
        queue.put(Parcel::new(Arc::clone(topic), bytes));
        drop(queue);
        self.filled.notify_one();
        Ok(())
    }

    /// Takes a notice to other nodes in, a short one however much waits: there are few. Without a session it is dropped.
    pub(crate) fn push_notice(&self, topic: &Arc<str>, body: &[u8]) {
        let mut queue = self.queue.lock();
        // Long ones are answers, which are asked for again.
        let is_long = body.len() > NOTICE_BYTES_FREE && queue.bytes > PARCEL_BYTES_MAX / 2;
        if queue.shut.is_some() || is_long {
            return;
        }
        let stamp = Count::NONE.stamp(self.node);
        queue.put(Parcel::new(
            Arc::clone(topic),
            envelope::notice(stamp, body),
        ));
        drop(queue);
        self.filled.notify_one();
    }

    /// Takes publications in again; first the subscribers of what was lost hear how far this node has counted.
    pub(crate) fn open(&self) {
        let mut queue = self.queue.lock();
        queue.shut = None;
        let untold = std::mem::take(&mut queue.untold);
        queue.give_up(&untold);
        queue.tell_lost(self.node);
        drop(queue);
        self.filled.notify_one();
    }

    /// Takes nothing in any more, and gives up what waits.
    pub(crate) fn shut(&self, why: &str) {
        let mut queue = self.queue.lock();
        queue.shut = Some(why.into());
        let waiting: Vec<_> = queue.parcels.drain(..).collect();
        queue.bytes = 0;
        queue.give_up(&waiting);
        drop(queue);
        self.settle(waiting.len());
    }

    /// Gives up what was on its way.
    pub(crate) fn give_up(&self, batch: &[Parcel]) {
        self.queue.lock().give_up(batch);
        self.settle(batch.len());
    }

    /// Notes that the broker has taken a batch, but for what it has refused: the subscribers of that are told.
    pub(crate) fn taken(&self, batch: Vec<Parcel>, refused: &[Refused]) {
        let sent = batch.len();
        let messages = batch
            .iter()
            .filter(|parcel| envelope::is_message(parcel.bytes()))
            .count();
        let is_refused = |at: &usize| refused.iter().any(|refused| refused.index == *at);
        let parcels = batch.into_iter().enumerate();
        let refused = parcels
            .filter(|(at, _)| is_refused(at))
            .map(|(_, parcel)| parcel);
        let (lost, others): (Vec<_>, Vec<_>) =
            refused.partition(|parcel| envelope::is_message(parcel.bytes()));
        let mut queue = self.queue.lock();
        queue.tally.published += (messages - lost.len()) as u64;
        queue.give_up(&lost);
        queue.tell_lost(self.node);
        // Not told again at once: it would be refused again.
        let positions = others
            .into_iter()
            .filter(|parcel| !envelope::is_notice(parcel.bytes()));
        let room = STREAMS_MAX - queue.untold.len().min(STREAMS_MAX);
        queue.untold.extend(positions.take(room));
        drop(queue);
        self.settle(sent);
    }

    fn settle(&self, parcels: usize) {
        self.settled
            .send_modify(|settled| *settled += parcels as u64);
    }

    /// The next that may leave in one go, into `batch`, which is empty; waits until there is something.
    ///
    /// # Cancel safety
    /// Dropped, it has taken nothing.
    pub(crate) async fn next(&self, batch: &mut Vec<Parcel>) {
        loop {
            self.queue.lock().take(batch);
            if !batch.is_empty() {
                return;
            }
            self.filled.notified().await;
        }
    }

    /// Finishes when all that is waiting now has been taken.
    ///
    /// # Errors
    /// `Broker` when something was lost since the last flush.
    pub(crate) async fn flush(&self) -> Result<()> {
        let accepted = self.queue.lock().accepted;
        let mut settled = self.settled.subscribe();
        // The sender lives as long as this.
        let _ = settled.wait_for(|settled| *settled >= accepted).await;
        match std::mem::take(&mut self.queue.lock().tally.unreported) {
            0 => Ok(()),
            lost => Err(Error::with(
                ErrorKind::Broker,
                format!(
                    "{lost} publications never reached the broker; members elsewhere are told of the gap"
                ),
            )),
        }
    }

    /// Whether nothing waits or is on its way.
    #[cfg(feature = "testing")]
    pub(crate) fn is_settled(&self) -> bool {
        self.queue.lock().accepted == *self.settled.borrow()
    }

    pub(crate) fn tally(&self) -> Tally {
        self.queue.lock().tally
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.queue.lock().parcels.len()
    }
}

/// Why a message is not taken in.
enum Refusal {
    Shut(Arc<str>),
    Full,
}

impl Refusal {
    fn about(self, topic: &str) -> Error {
        match self {
            Self::Shut(why) => {
                let text = format!("cannot publish to {topic} on other nodes: {why}");
                Error::with(ErrorKind::Broker, text)
            }
            Self::Full => {
                let text = format!(
                    "cannot publish to {topic} on other nodes: too much waits for the broker"
                );
                Error::with(ErrorKind::Full, text)
            }
        }
    }
}

impl Queue {
    /// Lets the subscribers of what was lost know how far this node had counted then. Behind what waits: that is older, or
    /// shows by itself that something is missing.
    fn tell_lost(&mut self, node: NodeId) {
        let lost = std::mem::take(&mut self.lost);
        if std::mem::take(&mut self.lost_everywhere) {
            let position = envelope::position(Count::NONE.stamp(node));
            self.put(Parcel::new(NODES.into(), position));
        }
        for (topic, count) in lost {
            let position = envelope::position(count.stamp(node));
            self.put(Parcel::new(topic, position));
        }
    }

    /// Counts one more message of a topic.
    fn count(&mut self, topic: &Arc<str>) -> Count {
        if let Some(count) = self.streams.get_mut(topic) {
            count.sequence += 1;
            return *count;
        }
        if self.streams.len() >= STREAMS_MAX {
            self.streams.clear();
        }
        let count = Count {
            stream: self.next_stream,
            sequence: 1,
        };
        self.next_stream += 1;
        self.streams.insert(Arc::clone(topic), count);
        count
    }

    fn refusal(&self, bytes: usize) -> Result<(), Refusal> {
        if let Some(why) = &self.shut {
            return Err(Refusal::Shut(Arc::clone(why)));
        }
        // One that is too large for the limit may still wait alone.
        let fits = self.bytes == 0 || self.bytes + bytes <= PARCEL_BYTES_MAX;
        match fits && self.parcels.len() < PARCELS_MAX {
            true => Ok(()),
            false => Err(Refusal::Full),
        }
    }

    fn put(&mut self, parcel: Parcel) {
        self.bytes += parcel.bytes().len();
        self.accepted += 1;
        self.parcels.push_back(parcel);
    }

    fn take(&mut self, batch: &mut Vec<Parcel>) {
        let mut bytes = 0;
        while batch.len() < BATCH_PARCELS_MAX && bytes < BATCH_BYTES_MAX {
            let Some(parcel) = self.parcels.pop_front() else {
                return;
            };
            bytes += parcel.bytes().len();
            self.bytes -= parcel.bytes().len();
            batch.push(parcel);
        }
    }

    fn give_up(&mut self, parcels: &[Parcel]) {
        for parcel in parcels {
            match envelope::stamp_of(parcel.bytes()) {
                Some(stamp) => {
                    // A position that is lost was none of the publications.
                    self.tally.lose(envelope::is_message(parcel.bytes()).into());
                    self.remember_loss(parcel.shared_topic(), stamp.into());
                }
                // One that was to tell of all topics; a notice is nobody's loss, as its sender says it again.
                None => self.lost_everywhere |= !envelope::is_notice(parcel.bytes()),
            }
        }
    }

    fn remember_loss(&mut self, topic: &Arc<str>, count: Count) {
        if self.lost.len() < STREAMS_MAX || self.lost.contains_key(topic) {
            let known = self.lost.entry(Arc::clone(topic)).or_insert(count);
            *known = (*known).max(count);
        } else {
            self.lost_everywhere = true;
        }
    }
}

#[cfg(test)]
mod tests;
