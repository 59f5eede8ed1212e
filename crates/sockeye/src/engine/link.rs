//! Link: what the rest of the program holds of a connection that a shard owns.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use parking_lot::Mutex;

use crate::connection::{self, Disconnect};
use crate::engine::inbox::Inbox;
use crate::engine::scratch;
use crate::error::{Error, ErrorKind};
use crate::id::ConnectionId;
use crate::message::Outgoing;

/// A place to leave frames for one connection, and its waker. One allocation per connection holds both.
pub(crate) struct Link {
    id: ConnectionId,
    inbox: Arc<Inbox>,
    shard: usize,
    /// Where the connection sits in its shard; [`NOWHERE`] before it arrived there and after it has gone.
    slot: AtomicU32,
    /// Whether the connection waits in its shard's ready list already.
    ready: AtomicBool,
    open: AtomicBool,
    /// Bytes that the shard could not write yet.
    backlog: AtomicUsize,
    has_senders: AtomicBool,
    outbox_bytes: usize,
    pending: Mutex<Pending>,
}

/// What was left for the connection since its shard last looked.
#[derive(Default)]
struct Pending {
    frames: Vec<u8>,
    close: Option<Disconnect>,
    /// The shard is at this connection right now and will look again: no need to call it.
    attended: bool,
    senders: Vec<Waker>,
}

/// What a shard takes from a link.
pub(crate) struct Taken {
    pub(crate) frames: Vec<u8>,
    pub(crate) close: Option<Disconnect>,
}

pub(crate) const NOWHERE: u32 = u32::MAX;

impl Link {
    pub(crate) fn new(
        id: ConnectionId,
        inbox: Arc<Inbox>,
        shard: usize,
        outbox_bytes: usize,
    ) -> Arc<Self> {
        Arc::new(Self {
            id,
            inbox,
            shard,
            slot: AtomicU32::new(NOWHERE),
            ready: AtomicBool::new(false),
            open: AtomicBool::new(true),
            backlog: AtomicUsize::new(0),
            has_senders: AtomicBool::new(false),
            outbox_bytes,
            pending: Mutex::default(),
        })
    }

    pub(crate) fn id(&self) -> ConnectionId {
        self.id
    }

    pub(crate) fn inbox(&self) -> &Arc<Inbox> {
        &self.inbox
    }

    /// The index of the shard that owns the connection.
    pub(crate) fn shard(&self) -> usize {
        self.shard
    }

    /// Whether messages can still be sent: no close frame was asked for, sent or seen.
    pub(crate) fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }

    /// Encodes, frames and leaves a message.
    ///
    /// # Errors
    /// `Closed` after the end, `Full` when the bytes that wait would pass the outbox limit, `Encoding`.
    pub(crate) fn push(self: &Arc<Self>, message: &impl Outgoing) -> Result<(), Error> {
        if !self.is_open() {
            return Err(over());
        }
        scratch::with(|frame| {
            connection::append(message, frame).map_err(|error| {
                Error::caused(ErrorKind::Encoding, "cannot encode the message", error)
            })?;
            self.leave(frame)
        })
    }

    fn leave(self: &Arc<Self>, frame: &[u8]) -> Result<(), Error> {
        let mut pending = self.pending.lock();
        // Looked at under the lock: after the end nothing may follow the close frame.
        if !self.is_open() {
            return Err(over());
        }
        let waiting = self.backlog.load(Ordering::SeqCst) + pending.frames.len();
        // A message above the limit may still leave alone, as long as nothing waits before it.
        if waiting > 0 && waiting + frame.len() > self.outbox_bytes {
            let text = format!("cannot send: {waiting} bytes wait for the peer already");
            return Err(Error::with(ErrorKind::Full, text));
        }
        pending.frames.extend_from_slice(frame);
        self.call(&pending);
        Ok(())
    }

    /// Asks for the end of the connection; the first one counts, and nothing can be sent after it.
    pub(crate) fn close(self: &Arc<Self>, disconnect: Disconnect) {
        let mut pending = self.pending.lock();
        if self.open.swap(false, Ordering::AcqRel) {
            pending.close = Some(disconnect);
            self.call(&pending);
        }
    }

    pub(crate) fn outbox_bytes(&self) -> usize {
        self.outbox_bytes
    }

    /// Waits until at most `waiting_max` bytes wait for the peer, or the connection is over.
    pub(crate) fn poll_capacity(&self, cx: &Context<'_>, waiting_max: usize) -> Poll<()> {
        let mut pending = self.pending.lock();
        let waiting = pending.frames.len();
        let has_room =
            || !self.is_open() || self.backlog.load(Ordering::SeqCst) + waiting <= waiting_max;
        // Only who has to wait leaves a waker: it may be this link's own, and must not stay in it.
        if has_room() {
            return Poll::Ready(());
        }
        if !pending
            .senders
            .iter()
            .any(|waker| waker.will_wake(cx.waker()))
        {
            pending.senders.push(cx.waker().clone());
        }
        // Announced before the second look, as the shard looks for senders after it has announced its backlog.
        self.has_senders.store(true, Ordering::SeqCst);
        match has_room() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }

    fn call(self: &Arc<Self>, pending: &Pending) {
        if !pending.attended {
            self.wake_by_ref();
        }
    }

    // What follows is for the shard that owns the connection.

    pub(crate) fn slot(&self) -> u32 {
        self.slot.load(Ordering::Acquire)
    }

    pub(crate) fn set_slot(&self, slot: u32) {
        self.slot.store(slot, Ordering::Release);
    }

    /// Lends a buffer for replies and says that the shard will look again.
    pub(crate) fn attend(&self, spare: Option<Vec<u8>>) {
        let mut pending = self.pending.lock();
        pending.attended = true;
        if pending.frames.capacity() == 0
            && let Some(spare) = spare
        {
            pending.frames = spare;
        }
    }

    /// Takes what was left; `done` says that the shard turns to others now.
    pub(crate) fn take(&self, done: bool) -> Taken {
        let mut pending = self.pending.lock();
        pending.attended = !done;
        Taken {
            frames: std::mem::take(&mut pending.frames),
            close: pending.close.take(),
        }
    }

    /// Puts the connection on the ready list from inside its shard.
    pub(crate) fn wake_by_shard(self: &Arc<Self>) {
        self.wake_by_ref();
    }

    /// Takes the connection off the ready list. A swap and no store: what was written before a wake that found it
    /// on the list is then seen by the turn that follows.
    pub(crate) fn unready(&self) {
        self.ready.swap(false, Ordering::AcqRel);
    }

    /// Publishes how much could not be written, and wakes senders that wait for room.
    pub(crate) fn set_backlog(&self, bytes: usize) {
        self.backlog.store(bytes, Ordering::SeqCst);
        if bytes <= self.outbox_bytes / 2 && self.has_senders.load(Ordering::SeqCst) {
            self.wake_senders();
        }
    }

    /// Refuses every later push.
    pub(crate) fn shut(&self) {
        let pending = self.pending.lock();
        self.open.store(false, Ordering::Release);
        drop(pending);
        self.wake_senders();
    }

    fn wake_senders(&self) {
        let mut pending = self.pending.lock();
        let senders = std::mem::take(&mut pending.senders);
        self.has_senders.store(false, Ordering::SeqCst);
        drop(pending);
        senders.into_iter().for_each(Waker::wake);
    }
}

fn over() -> Error {
    Error::with(ErrorKind::Closed, "cannot send: the connection is over")
}

impl Wake for Link {
    fn wake(self: Arc<Self>) {
        if !self.ready.swap(true, Ordering::AcqRel) {
            let inbox = Arc::clone(&self.inbox);
            inbox.ready(self);
        }
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.ready.swap(true, Ordering::AcqRel) {
            self.inbox.ready(Arc::clone(self));
        }
    }
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link")
            .field("id", &self.id)
            .field("open", &self.is_open())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{ConnectionIds, NodeId};

    #[test]
    fn a_link_that_asked_for_room_after_the_end_holds_nothing_of_itself() {
        let link = Link::new(
            ConnectionIds::new(NodeId::random()).next(),
            Arc::default(),
            0,
            1,
        );
        let waker = Waker::from(Arc::clone(&link));
        let cx = Context::from_waker(&waker);
        link.push(&"x").unwrap();
        assert!(link.poll_capacity(&cx, 0).is_pending());
        link.shut();
        assert!(link.poll_capacity(&cx, 0).is_ready());
        link.inbox().take_ready(&mut Vec::new());
        drop(waker);
        let alone = Arc::downgrade(&link);
        drop(link);
        assert!(alone.upgrade().is_none());
    }
}
