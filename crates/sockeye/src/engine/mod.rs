//! The engine: shards that drive connections over IO, and the way into them.

mod attach;
mod audience;
#[cfg(feature = "testing")]
mod calm;
mod counters;
mod inbox;
mod lifecycle;
mod link;
mod place;
pub(crate) mod scratch;
mod shard;
mod stint;
mod topic;
mod transport;
mod turn;
mod watchdog;

pub(crate) use attach::Attachment;
pub(crate) use audience::Audience;
pub(crate) use counters::{Counted, Pass};
pub(crate) use lifecycle::{Hook, Lifecycle, Progress, Spare};
pub(crate) use link::Link;
pub(crate) use place::{Place, Places};
pub(crate) use shard::UNCOUNTED;
pub(crate) use topic::Topic;
pub(crate) use transport::Transport;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use sockeye_protocol::CloseCode;
use tokio::runtime::Handle;

use crate::config::{HubOptions, Options, Wire};
use crate::connection::Frame;
use crate::engine::counters::Counters;
use crate::engine::inbox::{Command, Inbox};
use crate::engine::shard::Shard;
use crate::engine::stint::Stint;
use crate::engine::watchdog::{Leash, Watchdog};
use crate::id::{ConnectionIds, NodeId};
use crate::message::Format;

/// The shards of one node. They start with the first connection, one for each worker of the runtime it comes in on.
pub(crate) struct Engine {
    node: NodeId,
    ids: ConnectionIds,
    shards: Arc<[Arc<Inbox>]>,
    /// Set once the shards have started; holds the watchdog, if there is one.
    started: OnceLock<Option<Leash>>,
    next: AtomicUsize,
    draining: AtomicBool,
    counters: Arc<Counters>,
    options: HubOptions,
}

impl Engine {
    pub(crate) fn new(options: HubOptions) -> Self {
        let node = NodeId::random();
        let wire = Arc::new(options.wire.clone());
        Self {
            node,
            ids: ConnectionIds::new(node),
            shards: (0..options.shard_count())
                .map(|index| Arc::new(Inbox::new(node, index, Arc::clone(&wire))))
                .collect(),
            started: OnceLock::new(),
            next: AtomicUsize::new(0),
            draining: AtomicBool::new(false),
            counters: Arc::default(),
            options,
        }
    }

    /// Whether plain TCP sockets are watched by the shards themselves, where that can be done.
    pub(crate) fn watches_sockets(&self) -> bool {
        self.options.watch_sockets
    }

    /// The keys of typed messages that come from outside of any connection.
    pub(crate) fn wire(&self) -> &Wire {
        &self.options.wire
    }

    pub(crate) fn node(&self) -> NodeId {
        self.node
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Counts a connection in, from its handshake on.
    pub(crate) fn pass(&self) -> Pass {
        self.counters.pass()
    }

    /// Counts a task in that belongs to a connection.
    pub(crate) fn task(&self) -> Counted {
        self.counters.task()
    }

    /// A link for a connection that is about to be attached; shards take turns.
    pub(crate) fn link(&self, options: &Options, format: Format) -> Arc<Link> {
        let shard = self.next.fetch_add(1, Ordering::Relaxed) % self.shards.len();
        let inbox = Arc::clone(&self.shards[shard]);
        Link::new(self.ids.next(), inbox, options.outbox_bytes, format)
    }

    /// Hands a connection to the shard of its link. Must run inside a tokio runtime.
    pub(crate) fn attach(&self, attachment: Attachment) {
        self.started.get_or_init(|| self.start(&Handle::current()));
        self.counters.accept();
        let inbox = Arc::clone(attachment.link.inbox());
        inbox.send(Command::Attach(Box::new(attachment)));
    }

    fn start(&self, runtime: &Handle) -> Option<Leash> {
        let stints: Box<[Arc<Stint>]> = self.shards.iter().map(|_| Arc::default()).collect();
        for (index, stint) in stints.iter().enumerate() {
            let shards = Arc::clone(&self.shards);
            let shard = Shard::new(index, shards, Arc::clone(stint), Arc::clone(&self.counters));
            // A shard serves many connections in one poll and keeps its own measure of fairness.
            runtime.spawn(tokio::task::unconstrained(shard));
        }
        let watchdog = Watchdog {
            node: self.node,
            stints,
            counters: Arc::clone(&self.counters),
            runtime: runtime.clone(),
        };
        let started = watchdog.start(self.options.blocked_after?);
        started
            .inspect_err(|error| {
                tracing::error!(%error, "cannot start the watchdog: no handler that blocks is named");
            })
            .ok()
    }

    /// A topic for the groups of a kind.
    pub(crate) fn topic(&self, name: Arc<str>, kind: &str) -> Arc<Topic> {
        let overflow = self.options.overflow_of(kind);
        let counters = Arc::clone(&self.counters);
        Arc::new(Topic::new(name, overflow, self.shards.len(), counters))
    }

    /// Makes a connection a member. What is published after this returns reaches it: the join is in the same queue.
    pub(crate) fn join(&self, link: &Arc<Link>, topic: &Arc<Topic>) {
        topic.joined(link.shard());
        link.inbox()
            .send(Command::Join(Arc::clone(link), Arc::clone(topic)));
    }

    pub(crate) fn leave(&self, link: &Arc<Link>, topic: &Arc<Topic>) {
        link.inbox()
            .send(Command::Leave(Arc::clone(link), Arc::clone(topic)));
    }

    /// Ends a membership as [`leave`](Self::leave) does, and tells the handler by an event of the topic.
    pub(crate) fn expel(&self, link: &Arc<Link>, topic: &Arc<Topic>, event: Frame) {
        let expel = Command::Expel(Arc::clone(link), Arc::clone(topic), event);
        link.inbox().send(expel);
    }

    /// Hands a frame to the shards that have members; one push each, however many members there are. All shards see
    /// the publications of a topic in one order. False when a shard has too much waiting already.
    #[must_use]
    pub(crate) fn publish(&self, topic: &Arc<Topic>, frame: &Frame, audience: &Audience) -> bool {
        self.publish_along(topic, frame, audience, || ()).is_some()
    }

    /// The same; then does something before the next publication of the topic has its turn: whoever hands it on elsewhere
    /// keeps the order. `None` when it is not done, because a shard has too much waiting already.
    pub(crate) fn publish_along<R>(
        &self,
        topic: &Arc<Topic>,
        frame: &Frame,
        audience: &Audience,
        along: impl FnOnce() -> R,
    ) -> Option<R> {
        let done = self.bring_along(topic, frame, audience, along);
        // In a connection's turn its shard calls the others when it has read all: a burst reaches them as one.
        if !turn::is_in(address(&self.shards)) {
            call_all(&self.shards);
        }
        done
    }

    /// Hands a frame to the shards without calling those that sleep: [`call`](Self::call) does, once all is brought.
    #[must_use]
    pub(crate) fn bring(&self, topic: &Arc<Topic>, frame: &Frame, audience: &Audience) -> bool {
        self.bring_along(topic, frame, audience, || ()).is_some()
    }

    fn bring_along<R>(
        &self,
        topic: &Arc<Topic>,
        frame: &Frame,
        audience: &Audience,
        along: impl FnOnce() -> R,
    ) -> Option<R> {
        let _order = topic.order.lock();
        let mut taken = true;
        for (shard, inbox) in self.shards.iter().enumerate() {
            if topic.interests(shard) {
                taken &= inbox.publish(Arc::clone(topic), frame.clone(), audience.clone());
            }
        }
        taken.then(along)
    }

    /// Calls the shards for what was brought.
    pub(crate) fn call(&self) {
        call_all(&self.shards);
    }

    /// Tells the members here, each through its handler, that messages of the topic are missing, so many or
    /// [`UNCOUNTED`]; in order with what is published. False when a shard has too much waiting already.
    #[must_use]
    pub(crate) fn tell_gap(&self, topic: &Arc<Topic>, messages: u64) -> bool {
        let order = topic.order.lock();
        let mut taken = true;
        for (shard, inbox) in self.shards.iter().enumerate() {
            if topic.interests(shard) {
                taken &= inbox.gap(Arc::clone(topic), messages);
            }
        }
        drop(order);
        call_all(&self.shards);
        taken
    }

    /// Hands a frame to one connection, behind everything that was published for it before this. From its own turn it
    /// leaves behind what that has sent.
    pub(crate) fn follow(&self, link: &Arc<Link>, frame: Frame) {
        link.inbox().send(Command::Send(Arc::clone(link), frame));
    }

    /// Closes every connection, spread over `window`, and each that still comes.
    pub(crate) fn drain(&self, code: CloseCode, window: Duration) {
        self.draining.store(true, Ordering::Release);
        for inbox in self.shards.iter() {
            inbox.send(Command::Drain(code, window));
        }
    }

    /// Whether a drain or a stop has begun.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// Closes every connection now, waiting for no peer and no running hook.
    pub(crate) fn stop(&self) {
        self.draining.store(true, Ordering::Release);
        for inbox in self.shards.iter() {
            inbox.send(Command::Stop);
        }
    }
}

/// What tells an engine from others: the address of its shards.
pub(crate) fn address(shards: &Arc<[Arc<Inbox>]>) -> usize {
    shards.as_ptr().addr()
}

/// Calls the shards that sleep and have something waiting, and sees to it that not all of them stay with one worker: the
/// runtime keeps the task that was called last for the worker that called it, which is often a shard with members of
/// its own to serve first. Another task in that place sets it free for others.
pub(crate) fn call_all(shards: &[Arc<Inbox>]) {
    let mut slept = false;
    for inbox in shards {
        slept |= inbox.has_commands() && inbox.call();
    }
    if slept
        && shards.len() > 1
        && let Ok(runtime) = Handle::try_current()
    {
        runtime.spawn(std::future::ready(()));
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.shards.iter().for_each(|inbox| inbox.close());
    }
}
