//! Link: what the rest of the program holds of a connection that a shard owns.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};

use futures_util::task::{ArcWake, WakerRef, waker_ref};
use parking_lot::Mutex;

use crate::connection::{self, Disconnect};
use crate::engine::inbox::Inbox;
use crate::engine::{scratch, turn};
use crate::error::{Error, ErrorKind};
use crate::id::ConnectionId;
use crate::message::{Form, Format, Outgoing};

/// A place to leave frames for one connection, and its waker. One allocation per connection holds both.
pub(crate) struct Link {
    /// The connection's number on this node.
    number: u64,
    inbox: Arc<Inbox>,
    /// Where the connection sits in its shard; [`NOWHERE`] before it arrived there and after it has gone.
    slot: AtomicU32,
    outbox_bytes: u32,
    /// Bytes that the shard could not write yet.
    backlog: AtomicU32,
    /// Whether the connection waits in its shard's ready list already.
    ready: AtomicBool,
    /// Whether it is open, and how its peer takes typed messages: two facts in one byte.
    state: AtomicU8,
    /// Whether frames, or the wish to close, wait for the shard.
    has_pending: AtomicBool,
    has_senders: AtomicBool,
    pending: Mutex<Option<Box<Pending>>>,
}

/// What was left for the connection since its shard last looked, by others than the handler in its own turn.
#[derive(Default)]
pub(crate) struct Pending {
    pub(crate) frames: Vec<u8>,
    pub(crate) close: Option<Disconnect>,
    senders: Vec<Waker>,
}

/// In [`Link::state`]: nobody has asked for the end.
const OPEN: u8 = 1;

/// In [`Link::state`]: typed messages go as MessagePack.
#[cfg(feature = "msgpack")]
const PACKS: u8 = 2;

fn packs(format: Format) -> u8 {
    match format {
        Format::Json => 0,
        #[cfg(feature = "msgpack")]
        Format::MessagePack => PACKS,
    }
}

pub(crate) const NOWHERE: u32 = u32::MAX;

impl Link {
    pub(crate) fn new(
        id: ConnectionId,
        inbox: Arc<Inbox>,
        outbox_bytes: usize,
        format: Format,
    ) -> Arc<Self> {
        Arc::new(Self {
            number: id.local(),
            inbox,
            slot: AtomicU32::new(NOWHERE),
            outbox_bytes: u32::try_from(outbox_bytes).unwrap_or(u32::MAX),
            backlog: AtomicU32::new(0),
            ready: AtomicBool::new(false),
            state: AtomicU8::new(OPEN | packs(format)),
            has_pending: AtomicBool::new(false),
            has_senders: AtomicBool::new(false),
            pending: Mutex::default(),
        })
    }

    pub(crate) fn id(&self) -> ConnectionId {
        ConnectionId::of(self.inbox.node(), self.number)
    }

    /// What tells the connection from all others of its node.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    pub(crate) fn format(&self) -> Format {
        #[cfg(feature = "msgpack")]
        if self.state.load(Ordering::Relaxed) & PACKS != 0 {
            return Format::MessagePack;
        }
        Format::Json
    }

    /// How typed messages reach its peer from outside of its handler.
    pub(crate) fn form(&self) -> Form<'_> {
        Form::new(self.inbox.wire(), self.format())
    }

    pub(crate) fn inbox(&self) -> &Arc<Inbox> {
        &self.inbox
    }

    /// The index of the shard that owns the connection.
    pub(crate) fn shard(&self) -> usize {
        self.inbox.shard()
    }

    /// What tells it apart on this node.
    pub(crate) fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// Whether messages can still be sent: no close frame was asked for, sent or seen.
    pub(crate) fn is_open(&self) -> bool {
        self.state.load(Ordering::Acquire) & OPEN != 0
    }

    /// Encodes, frames and leaves a message.
    ///
    /// # Errors
    /// `Closed` after the end, `Full` when the bytes that wait would pass the outbox limit, `Encoding`.
    pub(crate) fn push(
        self: &Arc<Self>,
        message: &impl Outgoing,
        form: Form<'_>,
    ) -> Result<(), Error> {
        if !self.is_open() {
            return Err(over());
        }
        match turn::with(self.address(), |frames| self.append(message, form, frames)) {
            Some(outcome) => outcome,
            None => scratch::with(|frame| {
                encode(message, form, frame)?;
                self.leave(frame)
            }),
        }
    }

    /// Leaves a message from inside the connection's own turn: no lock, no copy, no wake.
    fn append(
        &self,
        message: &impl Outgoing,
        form: Form<'_>,
        frames: &mut Vec<u8>,
    ) -> Result<(), Error> {
        if self.has_pending() {
            // What others left before goes before.
            frames.append(&mut self.take_frames());
        }
        let before = frames.len();
        encode(message, form, frames)?;
        let waiting = self.backlog() + before;
        let fits = self.has_room(waiting, frames.len() - before);
        if fits.is_err() {
            frames.truncate(before);
        }
        fits
    }

    fn leave(self: &Arc<Self>, frame: &[u8]) -> Result<(), Error> {
        let mut pending = self.pending.lock();
        // Looked at under the lock: after the end nothing may follow the close frame.
        if !self.is_open() {
            return Err(over());
        }
        let pending = pending.get_or_insert_default();
        let waiting = self.backlog() + pending.frames.len();
        self.has_room(waiting, frame.len())?;
        pending.frames.extend_from_slice(frame);
        self.has_pending.store(true, Ordering::Release);
        Self::wake_by_ref(self);
        Ok(())
    }

    /// A message above the limit may still leave alone, as long as nothing waits before it.
    fn has_room(&self, waiting: usize, len: usize) -> Result<(), Error> {
        if waiting == 0 || waiting + len <= self.outbox_bytes() {
            return Ok(());
        }
        let text = format!("cannot send: {waiting} bytes wait for the peer already");
        Err(Error::with(ErrorKind::Full, text))
    }

    /// Asks for the end of the connection; the first one counts, and nothing can be sent after it.
    pub(crate) fn close(self: &Arc<Self>, disconnect: Disconnect) {
        let mut pending = self.pending.lock();
        if self.state.fetch_and(!OPEN, Ordering::AcqRel) & OPEN != 0 {
            pending.get_or_insert_default().close = Some(disconnect);
            self.has_pending.store(true, Ordering::Release);
            // In its own turn its shard looks without being called.
            if !turn::is(self.address()) {
                Self::wake_by_ref(self);
            }
        }
    }

    pub(crate) fn outbox_bytes(&self) -> usize {
        self.outbox_bytes as usize
    }

    fn backlog(&self) -> usize {
        self.backlog.load(Ordering::SeqCst) as usize
    }

    /// Waits until at most `waiting_max` bytes wait for the peer, or the connection is over.
    pub(crate) fn poll_capacity(&self, cx: &Context<'_>, waiting_max: usize) -> Poll<()> {
        let own = turn::with(self.address(), |frames| frames.len()).unwrap_or(0);
        let mut pending = self.pending.lock();
        let left = pending.as_ref().map_or(0, |pending| pending.frames.len());
        let has_room = || !self.is_open() || self.backlog() + left + own <= waiting_max;
        // Only who has to wait leaves a waker: it may be this link's own, and must not stay in it.
        if has_room() {
            return Poll::Ready(());
        }
        let senders = &mut pending.get_or_insert_default().senders;
        if !senders.iter().any(|waker| waker.will_wake(cx.waker())) {
            senders.push(cx.waker().clone());
        }
        // Announced before the second look, as the shard looks for senders after it has announced its backlog.
        self.has_senders.store(true, Ordering::SeqCst);
        match has_room() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }

    /// Waits until what was sent so far has been handed to the transport, as far as that takes it. From inside of the
    /// connection's turn that is a way to end the turn.
    pub(crate) fn poll_flush(&self, cx: &Context<'_>) -> Poll<()> {
        let own = turn::with(self.address(), |frames| !frames.is_empty()).unwrap_or(false);
        if self.is_open() && (own || self.has_pending()) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(())
    }

    // What follows is for the shard that owns the connection.

    pub(crate) fn slot(&self) -> u32 {
        self.slot.load(Ordering::Acquire)
    }

    pub(crate) fn set_slot(&self, slot: u32) {
        self.slot.store(slot, Ordering::Release);
    }

    /// Whether others have left something.
    pub(crate) fn has_pending(&self) -> bool {
        self.has_pending.load(Ordering::Acquire)
    }

    /// Takes the frames that others have left.
    pub(crate) fn take_frames(&self) -> Vec<u8> {
        let mut pending = self.pending.lock();
        let Some(left) = &mut *pending else {
            return Vec::new();
        };
        let frames = std::mem::take(&mut left.frames);
        self.settle(&mut pending);
        frames
    }

    /// Takes the wish to close, if there is one.
    pub(crate) fn take_close(&self) -> Option<Disconnect> {
        let mut pending = self.pending.lock();
        let close = pending.as_mut()?.close.take();
        self.settle(&mut pending);
        close
    }

    /// Lets go of what is empty.
    fn settle(&self, pending: &mut Option<Box<Pending>>) {
        let Some(left) = pending else { return };
        let waits = !left.frames.is_empty() || left.close.is_some();
        self.has_pending.store(waits, Ordering::Release);
        if !waits && left.senders.is_empty() {
            *pending = None;
        }
    }

    /// A waker that puts the connection on the ready list. It counts nothing unless somebody keeps it.
    pub(crate) fn waker(self: &Arc<Self>) -> WakerRef<'_> {
        waker_ref(self)
    }

    /// Puts the connection on the ready list from inside its shard.
    pub(crate) fn wake_by_shard(self: &Arc<Self>) {
        Self::wake_by_ref(self);
    }

    /// Takes the connection off the ready list. A swap and no store: what was written before a wake that found it
    /// on the list is then seen by the turn that follows.
    pub(crate) fn unready(&self) {
        self.ready.swap(false, Ordering::AcqRel);
    }

    /// Publishes how much could not be written, and wakes senders that wait for room.
    pub(crate) fn set_backlog(&self, bytes: usize) {
        let backlog = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.backlog.store(backlog, Ordering::SeqCst);
        if bytes <= self.outbox_bytes() / 2 && self.has_senders.load(Ordering::SeqCst) {
            self.wake_senders();
        }
    }

    /// Whether somebody waits for room, or the backlog is another than `bytes`.
    pub(crate) fn expects_backlog(&self, bytes: usize) -> bool {
        self.has_senders.load(Ordering::SeqCst) || self.backlog() != bytes
    }

    /// Refuses every later push.
    pub(crate) fn shut(&self) {
        let pending = self.pending.lock();
        self.state.fetch_and(!OPEN, Ordering::Release);
        drop(pending);
        self.wake_senders();
    }

    fn wake_senders(&self) {
        let mut pending = self.pending.lock();
        let senders = pending
            .as_mut()
            .map(|pending| std::mem::take(&mut pending.senders));
        self.has_senders.store(false, Ordering::SeqCst);
        self.settle(&mut pending);
        drop(pending);
        senders.into_iter().flatten().for_each(Waker::wake);
    }
}

fn encode(message: &impl Outgoing, form: Form<'_>, frames: &mut Vec<u8>) -> Result<(), Error> {
    connection::append(message, form, frames)
        .map(drop)
        .map_err(|error| Error::caused(ErrorKind::Encoding, "cannot encode the message", error))
}

fn over() -> Error {
    Error::with(ErrorKind::Closed, "cannot send: the connection is over")
}

impl ArcWake for Link {
    fn wake(self: Arc<Self>) {
        if !self.ready.swap(true, Ordering::AcqRel) {
            let inbox = Arc::clone(&self.inbox);
            inbox.ready(self);
        }
    }

    fn wake_by_ref(link: &Arc<Self>) {
        if !link.ready.swap(true, Ordering::AcqRel) {
            link.inbox.ready(Arc::clone(link));
        }
    }
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link")
            .field("id", &self.id())
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
        let node = NodeId::random();
        let inbox = Arc::new(Inbox::new(node, 0, Arc::default()));
        let link = Link::new(ConnectionIds::new(node).next(), inbox, 1, Format::Json);
        let waker = link.waker().clone();
        let cx = Context::from_waker(&waker);
        link.push(&"x", Form::DEFAULT).unwrap();
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
