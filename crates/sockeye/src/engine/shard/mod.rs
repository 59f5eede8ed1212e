//! Shard: one task that owns many connections and gives each its turn.

mod deliver;
mod drive;
mod ending;
mod entry;
mod flush;
mod members;
mod sweep;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use slab::Slab;
use sockeye_protocol::{CloseCode, Workspace};
use tokio::time::Sleep;

use crate::engine::inbox::{Command, Inbox};
use crate::engine::link::{Link, NOWHERE};
use crate::engine::shard::entry::Entry;
use crate::engine::shard::members::Members;

/// Bytes read at once, for whichever connection has its turn: what a loopback socket holds at most times, and small
/// enough to stay in the cache.
const READ_BYTES: usize = 64 * 1024;

/// Turns without a pause before other tasks of the runtime may run.
const TURNS_MAX: usize = 16;

/// One shard. Its turn: commands, then ready connections (read, step, handle), then timers, then one flush for each
/// connection that has something to say.
pub(crate) struct Shard {
    pub(crate) index: usize,
    pub(crate) inbox: Arc<Inbox>,
    /// Boxed, so that growing the slab moves pointers and not connections.
    pub(crate) entries: Slab<Box<Entry>>,
    pub(crate) members: Members,
    pub(crate) workspace: Workspace,
    /// The one read buffer.
    pub(crate) buffer: Box<[u8]>,
    /// Small chunks are gathered here for one write.
    pub(crate) cork: Vec<u8>,
    /// Buffers for replies, lent to whichever connection has its turn.
    pub(crate) spare: Vec<Vec<u8>>,
    pub(crate) dirty: Vec<u32>,
    pub(crate) now: Instant,
    pub(crate) sweep_every: Duration,
    pub(crate) draining: Option<(CloseCode, Duration)>,
    pub(crate) stopping: bool,
    commands: Vec<Command>,
    ready: Vec<Arc<Link>>,
    timer: Pin<Box<Sleep>>,
}

impl Shard {
    pub(crate) fn new(index: usize, inbox: Arc<Inbox>) -> Self {
        Self {
            index,
            inbox,
            entries: Slab::new(),
            members: Members::new(index),
            workspace: Workspace::default(),
            buffer: vec![0; READ_BYTES].into(),
            cork: Vec::new(),
            spare: Vec::new(),
            dirty: Vec::new(),
            now: Instant::now(),
            sweep_every: Duration::from_secs(1),
            draining: None,
            stopping: false,
            commands: Vec::new(),
            ready: Vec::new(),
            timer: Box::pin(tokio::time::sleep(Duration::ZERO)),
        }
    }

    fn turn(&mut self) {
        self.now = tokio::time::Instant::now().into_std();
        self.run_commands();
        let mut ready = std::mem::take(&mut self.ready);
        self.inbox.take_ready(&mut ready);
        for link in ready.drain(..) {
            link.unready();
            let slot = link.slot();
            if slot != NOWHERE {
                self.drive(slot);
            }
        }
        self.ready = ready;
        self.flush_dirty();
    }

    /// Carries out what others asked for, in order. Cheap when nobody did.
    pub(crate) fn run_commands(&mut self) {
        let mut commands = std::mem::take(&mut self.commands);
        self.inbox.take_commands(&mut commands);
        for command in commands.drain(..) {
            self.run(command);
        }
        self.commands = commands;
    }

    /// Nothing is left to do: over, once nobody can hand in a connection any more.
    fn rest(&self) -> Poll<()> {
        match self.inbox.is_closed() && self.entries.is_empty() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }

    fn poll_timer(&mut self, cx: &mut Context<'_>) {
        let next = tokio::time::Instant::now() + self.sweep_every;
        if self.timer.deadline() > next {
            self.timer.as_mut().reset(next);
        }
        while !self.entries.is_empty() && self.timer.as_mut().poll(cx).is_ready() {
            self.now = tokio::time::Instant::now().into_std();
            self.sweep();
            self.flush_dirty();
            let next = tokio::time::Instant::now() + self.sweep_every;
            self.timer.as_mut().reset(next);
        }
    }
}

impl Future for Shard {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let shard = self.get_mut();
        for _ in 0..TURNS_MAX {
            shard.turn();
            shard.poll_timer(cx);
            if !shard.inbox.listen(cx.waker()) {
                return shard.rest();
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
