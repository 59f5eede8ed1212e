//! Inbox: everything that is handed to a shard from outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Waker;
use std::time::Duration;

use futures_util::task::AtomicWaker;
use parking_lot::Mutex;
use sockeye_protocol::CloseCode;

use crate::config::Wire;
use crate::connection::Frame;
use crate::engine::attach::Attachment;
use crate::engine::audience::Audience;
use crate::engine::link::Link;
use crate::engine::topic::Topic;
use crate::id::NodeId;

/// What a shard is asked to do, in order.
pub(crate) enum Command {
    /// Own this connection.
    Attach(Box<Attachment>),
    /// Make the connection a member.
    Join(Arc<Link>, Arc<Topic>),
    /// End its membership.
    Leave(Arc<Link>, Arc<Topic>),
    /// End its membership, and tell its handler.
    Expel(Arc<Link>, Arc<Topic>, Frame),
    /// Hand a frame to the local members it is for.
    Publish(Arc<Topic>, Frame, Audience),
    /// Tell the local members that messages are missing.
    Gap(Arc<Topic>, u64),
    /// Hand a frame to one connection, behind what was published before.
    Send(Arc<Link>, Frame),
    /// Close every connection, spread over a window.
    Drain(CloseCode, Duration),
    /// Close every connection now.
    Stop,
    /// Say how many hooks have not come to their end.
    #[cfg(feature = "testing")]
    CountHooks(tokio::sync::oneshot::Sender<usize>),
}

/// Publications that may wait for one shard: seconds of any load a shard can carry. Attach, join and leave are bounded
/// by the connections themselves.
const PUBLICATIONS_MAX: usize = 65_536;

/// Their bytes: a bound on what a stalled shard can cost.
const PUBLICATION_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The two queues of a shard and the way to wake it.
pub(crate) struct Inbox {
    node: NodeId,
    /// The keys of typed messages that are sent from outside of the connection's handler.
    wire: Arc<Wire>,
    /// Which shard of the node it belongs to.
    index: usize,
    ready: Mutex<Vec<Arc<Link>>>,
    commands: Mutex<Vec<Command>>,
    has_ready: AtomicBool,
    has_commands: AtomicBool,
    /// Whether the shard has stopped looking: whoever brings something calls it then, once.
    asleep: AtomicBool,
    publications: AtomicUsize,
    publication_bytes: AtomicUsize,
    closed: AtomicBool,
    shard: AtomicWaker,
}

impl Inbox {
    pub(crate) fn new(node: NodeId, index: usize, wire: Arc<Wire>) -> Self {
        Self {
            node,
            wire,
            index,
            ready: Mutex::default(),
            commands: Mutex::default(),
            has_ready: AtomicBool::new(false),
            has_commands: AtomicBool::new(false),
            asleep: AtomicBool::new(false),
            publications: AtomicUsize::new(0),
            publication_bytes: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
            shard: AtomicWaker::new(),
        }
    }

    pub(crate) fn node(&self) -> NodeId {
        self.node
    }

    pub(crate) fn wire(&self) -> &Arc<Wire> {
        &self.wire
    }

    pub(crate) fn shard(&self) -> usize {
        self.index
    }

    /// Puts a connection on the list of those to look at.
    pub(crate) fn ready(&self, link: Arc<Link>) {
        self.ready.lock().push(link);
        self.has_ready.store(true, Ordering::SeqCst);
        self.call();
    }

    pub(crate) fn send(&self, command: Command) {
        self.put(command);
        self.call();
    }

    fn put(&self, command: Command) {
        let mut commands = self.commands.lock();
        commands.push(command);
        self.has_commands.store(true, Ordering::SeqCst);
    }

    /// Calls the shard if it sleeps. Said here after what it is called for, and looked at there after it has said that
    /// it sleeps: one of the two is seen. True when it slept.
    pub(crate) fn call(&self) -> bool {
        let slept = self.asleep.load(Ordering::SeqCst) && self.asleep.swap(false, Ordering::SeqCst);
        if slept {
            self.shard.wake();
        }
        slept
    }

    /// Puts a publication in without calling the shard; false when too many wait already.
    #[must_use]
    pub(crate) fn publish(&self, topic: Arc<Topic>, frame: Frame, audience: Audience) -> bool {
        let waiting = self.publications.fetch_add(1, Ordering::AcqRel);
        let bytes = self
            .publication_bytes
            .fetch_add(frame.len(), Ordering::AcqRel);
        // One that is too large for the limit may still wait alone.
        let fits = bytes == 0 || bytes + frame.len() <= PUBLICATION_BYTES_MAX;
        if waiting >= PUBLICATIONS_MAX || !fits {
            self.forget(1, frame.len());
            return false;
        }
        self.put(Command::Publish(topic, frame, audience));
        true
    }

    /// Puts a gap in, as one of the publications and without calling the shard; false when too many wait already.
    #[must_use]
    pub(crate) fn gap(&self, topic: Arc<Topic>, messages: u64) -> bool {
        if self.publications.fetch_add(1, Ordering::AcqRel) >= PUBLICATIONS_MAX {
            self.forget(1, 0);
            return false;
        }
        self.put(Command::Gap(topic, messages));
        true
    }

    /// Whether the shard sleeps, and nothing was brought that it has not been called for.
    #[cfg(feature = "testing")]
    pub(crate) fn is_asleep(&self) -> bool {
        self.asleep.load(Ordering::SeqCst) && !self.has_commands()
    }

    /// Lets the shard end once it owns nothing.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        self.call();
    }

    // What follows is for the shard.

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Whether commands wait: one load, for the look between two messages.
    pub(crate) fn has_commands(&self) -> bool {
        self.has_commands.load(Ordering::SeqCst)
    }

    /// Swaps the commands that wait into `into`, which is empty.
    pub(crate) fn take_commands(&self, into: &mut Vec<Command>) {
        if !self.has_commands() {
            return;
        }
        let mut commands = self.commands.lock();
        self.has_commands.store(false, Ordering::SeqCst);
        std::mem::swap(&mut *commands, into);
        drop(commands);
        let (mut publications, mut bytes) = (0, 0);
        for command in into {
            match command {
                Command::Publish(_, frame, _) => {
                    publications += 1;
                    bytes += frame.len();
                }
                Command::Gap(..) => publications += 1,
                _ => {}
            }
        }
        self.forget(publications, bytes);
    }

    fn forget(&self, publications: usize, bytes: usize) {
        self.publications.fetch_sub(publications, Ordering::AcqRel);
        self.publication_bytes.fetch_sub(bytes, Ordering::AcqRel);
    }

    /// Swaps the list of ready connections into `into`, which is empty.
    pub(crate) fn take_ready(&self, into: &mut Vec<Arc<Link>>) {
        if self.has_ready.load(Ordering::SeqCst) {
            let mut ready = self.ready.lock();
            self.has_ready.store(false, Ordering::SeqCst);
            std::mem::swap(&mut *ready, into);
        }
    }

    /// Says that the shard is at work: nobody needs to call it.
    pub(crate) fn attend(&self) {
        self.asleep.store(false, Ordering::SeqCst);
    }

    /// Whether something is there. If not, the shard counts as asleep, and `waker` is called by what comes next.
    pub(crate) fn listen(&self, waker: &Waker) -> bool {
        let waits = || self.has_commands() || self.has_ready.load(Ordering::SeqCst);
        if waits() {
            return true;
        }
        self.shard.register(waker);
        self.asleep.store(true, Ordering::SeqCst);
        // What came in between has seen a shard that was awake.
        waits() && self.asleep.swap(false, Ordering::SeqCst)
    }
}
