//! Script: what a test tells a handler to do, and what the handler noted.

use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use sockeye::{Cause, Disconnect, Error, Peer, Result, Sender};
use tokio::sync::{Notify, watch};

use crate::harness::{until, within};
use crate::lifecycle::Phase;

/// How a hook that waits is to go on.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    Return,
    Panic,
    Fail,
}

/// A moment of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Connected,
    /// `on_disconnect` began, or a function handler learned of the end.
    Disconnected(Cause, Option<u16>),
    /// What a function handler held is gone.
    Dropped,
    /// The task of the connection is gone.
    TaskGone,
    /// A piece of put-off work is done.
    After(u8),
}

/// One connection's script and its notes.
#[derive(Debug)]
pub(super) struct Script {
    waits_in: Phase,
    waiting: Notify,
    act: watch::Sender<Option<Act>>,
    events: Mutex<Vec<Event>>,
    sender: OnceLock<Sender>,
    /// Messages that were sent to fill the outbox.
    sent: AtomicUsize,
}

/// A message of which a few fill an outbox.
const FILLER_BYTES: usize = 8 * 1024;

/// Notes that it was dropped.
pub(super) struct Note(Arc<Script>, Event);

impl Drop for Note {
    fn drop(&mut self) {
        self.0.note(self.1.clone());
    }
}

impl Script {
    pub(super) fn new(waits_in: Phase) -> Arc<Self> {
        Arc::new(Self {
            waits_in,
            waiting: Notify::new(),
            act: watch::Sender::new(None),
            events: Mutex::default(),
            sender: OnceLock::new(),
            sent: AtomicUsize::new(0),
        })
    }

    // For the handler.

    pub(super) fn note(&self, event: Event) {
        self.events.lock().push(event);
    }

    pub(super) fn note_at_drop(self: &Arc<Self>, event: Event) -> Note {
        Note(Arc::clone(self), event)
    }

    pub(super) fn note_end(&self, end: &Disconnect) {
        self.note(Event::Disconnected(end.cause(), end.code().map(u16::from)));
    }

    /// What every connection does at its beginning, so that there is something to leave behind: it is in a group, has
    /// a task that never ends by itself, and work put off.
    pub(super) async fn begin(self: &Arc<Self>, peer: &Peer) -> Result<()> {
        self.note(Event::Connected);
        peer.join(("room", "one")).await?;
        let gone = self.note_at_drop(Event::TaskGone);
        peer.spawn(async move {
            let _gone = gone;
            pending::<()>().await;
        })?;
        for piece in [1, 2] {
            let script = Arc::clone(self);
            peer.after(async move { script.note(Event::After(piece)) })?;
        }
        let _ = self.sender.set(peer.sender());
        Ok(())
    }

    /// Waits until the test says how to go on, if this is the phase to wait in.
    pub(super) async fn wait(&self, phase: Phase) -> Result<()> {
        if phase != self.waits_in {
            return Ok(());
        }
        self.waiting.notify_one();
        let mut act = self.act.subscribe();
        let act = act.wait_for(Option::is_some).await?;
        match act.unwrap() {
            Act::Return => Ok(()),
            Act::Panic => panic!("as the script wants it"),
            Act::Fail => Err(Error::new("as the script wants it")),
        }
    }

    /// Sends until nothing can be sent any more, if this is the phase for it.
    pub(super) async fn fill(&self, sender: &Sender) {
        if self.waits_in != Phase::Queued {
            return;
        }
        let filler = "x".repeat(FILLER_BYTES);
        while sender.send(&filler).await.is_ok() {
            self.sent.fetch_add(1, Ordering::Relaxed);
        }
    }

    // For the test.

    pub(super) fn has_begun(&self) -> bool {
        self.sender.get().is_some()
    }

    /// Waits until the one who fills the outbox gets nowhere, most likely: no outcome depends on it, only how much to
    /// the point a cell is.
    pub(super) async fn filled(&self) {
        let (mut before, mut looks) = (0, 0);
        until("a full outbox", || {
            let sent = self.sent.load(Ordering::Relaxed);
            looks = if sent > before { 0 } else { looks + 1 };
            before = sent;
            sent > 0 && looks > 10
        })
        .await;
    }

    pub(super) async fn waiting(&self) {
        within("a hook that waits", self.waiting.notified()).await;
    }

    pub(super) fn act(&self, act: Act) {
        self.act.send_replace(Some(act));
    }

    pub(super) fn sender(&self) -> &Sender {
        self.sender.get().expect("the connection has begun")
    }

    pub(super) fn events(&self) -> Vec<Event> {
        self.events.lock().clone()
    }
}
