//! Mailbox: messages on their way from the shard to a function handler that asks for them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;
use smallvec::SmallVec;

use crate::connection::Disconnect;
use crate::group::Gap;
use crate::message::RawMessage;

/// Messages that may wait to be asked for; then reading stops.
const MESSAGES_MAX: usize = 16;

/// Bytes after which no further message is taken in, whatever their number.
const BYTES_MAX: usize = 64 * 1024;

/// Groups whose gaps are kept for a function that does not ask for them: more than it can be in by default.
const GAPS_MAX: usize = 128;

#[derive(Clone, Debug, Default)]
pub(crate) struct Mailbox(Arc<Mutex<Slot>>);

#[derive(Debug, Default)]
struct Slot {
    messages: VecDeque<RawMessage>,
    bytes: usize,
    end: Option<Box<Disconnect>>,
    /// Not yet asked for; hardly any connection has some.
    gaps: Option<Box<Gaps>>,
    /// The handler, when it waits for a message or the end.
    readers: SmallVec<[Waker; 1]>,
    /// The shard, when it waits for room.
    feeder: Option<Waker>,
}

impl Mailbox {
    /// Puts a message in; the shard has seen that there is room, and will poll at once whom `polled` would wake.
    pub(crate) fn put(&self, message: RawMessage, polled: &Waker) {
        let mut slot = self.0.lock();
        slot.bytes += len(&message);
        slot.messages.push_back(message);
        let readers = std::mem::take(&mut slot.readers);
        drop(slot);
        let others = readers
            .into_iter()
            .filter(|reader| !reader.will_wake(polled));
        others.for_each(Waker::wake);
    }

    /// Whether another message may be put in; if not, `cx` is woken once it may.
    pub(crate) fn poll_room(&self, cx: &Context<'_>) -> Poll<()> {
        let mut slot = self.0.lock();
        if slot.messages.len() < MESSAGES_MAX && slot.bytes < BYTES_MAX {
            return Poll::Ready(());
        }
        slot.feeder = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Adds to what the peer has lost.
    pub(crate) fn gap(&self, gap: Gap) {
        self.0.lock().gaps.get_or_insert_default().add(gap);
    }

    /// Takes what the peer has lost since it was last asked for.
    pub(crate) fn take_gaps(&self) -> Vec<Gap> {
        let gaps = self.0.lock().gaps.take();
        gaps.map_or_else(Vec::new, |gaps| gaps.0)
    }

    /// Tells the end; messages that wait can still be taken.
    pub(crate) fn end(&self, disconnect: Disconnect) {
        let mut slot = self.0.lock();
        slot.end = Some(Box::new(disconnect));
        let readers = std::mem::take(&mut slot.readers);
        drop(slot);
        readers.into_iter().for_each(Waker::wake);
    }

    /// Takes the next message; `None` once there will be no more.
    pub(crate) fn poll_take(&self, cx: &Context<'_>) -> Poll<Option<RawMessage>> {
        let mut slot = self.0.lock();
        let Some(message) = slot.messages.pop_front() else {
            if slot.end.is_some() {
                return Poll::Ready(None);
            }
            slot.wait(cx);
            return Poll::Pending;
        };
        slot.bytes -= len(&message);
        if let Some(feeder) = slot.feeder.take() {
            feeder.wake();
        }
        Poll::Ready(Some(message))
    }

    /// Waits for the end, taking nothing.
    pub(crate) fn poll_end(&self, cx: &Context<'_>) -> Poll<Disconnect> {
        let mut slot = self.0.lock();
        if let Some(disconnect) = &slot.end {
            return Poll::Ready(Disconnect::clone(disconnect));
        }
        slot.wait(cx);
        Poll::Pending
    }
}

impl Slot {
    fn wait(&mut self, cx: &Context<'_>) {
        if !self.readers.iter().any(|waker| waker.will_wake(cx.waker())) {
            self.readers.push(cx.waker().clone());
        }
    }
}

/// One gap for each group.
#[derive(Debug, Default)]
struct Gaps(Vec<Gap>);

impl Gaps {
    fn add(&mut self, gap: Gap) {
        let known = self.0.iter().position(|known| known.group == gap.group);
        match known {
            Some(place) => self.0[place].extend(&gap),
            None if self.0.len() < GAPS_MAX => self.0.push(gap),
            None => {
                tracing::debug!(group = %gap.group, messages = gap.messages, "a gap that nobody asks for is forgotten");
            }
        }
    }
}

fn len(message: &RawMessage) -> usize {
    match message {
        RawMessage::Text(text) => text.len(),
        RawMessage::Binary(bytes) => bytes.len(),
    }
}
