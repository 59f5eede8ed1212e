//! Shard: one task that owns many connections and gives each its turn.

mod command;
mod drive;
mod ending;
mod entry;
mod events;
mod fanout;
mod flush;
mod gaps;
mod give;
mod line;
mod linger;
mod members;
mod membership;
mod replies;
mod sockets;
mod sweep;
#[cfg(target_os = "linux")]
mod watch;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use slab::Slab;
use sockeye_protocol::{CloseCode, Workspace};
use tokio::time::{Instant, Sleep};

use crate::connection::Moment;
use crate::engine;
use crate::engine::counters::Counters;
use crate::engine::inbox::{Command, Inbox};
use crate::engine::lifecycle::Spare;
use crate::engine::link::{Link, NOWHERE};
use crate::engine::shard::fanout::Fanout;
use crate::engine::shard::line::Line;
use crate::engine::shard::members::Members;
use crate::engine::shard::replies::Replies;
use crate::engine::shard::sockets::Sockets;
use crate::engine::stint::Stint;

pub(crate) use gaps::UNCOUNTED;

/// Bytes read at once, for whichever connection has its turn: what a loopback socket holds at most times, and small
/// enough to stay in the cache.
const READ_BYTES: usize = 64 * 1024;

/// Turns without a pause before other tasks of the runtime may run.
const TURNS_MAX: usize = 16;

/// One shard. Its turn: commands, then connections that are ready (read, step, handle), then one write for each
/// connection that has something to say.
pub(crate) struct Shard {
    index: usize,
    inbox: Arc<Inbox>,
    /// The inboxes of all shards of the engine.
    shards: Arc<[Arc<Inbox>]>,
    stint: Arc<Stint>,
    counters: Arc<Counters>,
    lines: Slab<Line>,
    members: Members,
    sockets: Sockets,
    fanout: Fanout,
    workspace: Workspace,
    /// The one read buffer.
    buffer: Box<[u8]>,
    /// Memory for the hooks of whichever handler has a message.
    spare: Spare,
    /// What the connection whose turn it is has sent.
    own: Vec<u8>,
    replies: Replies,
    /// The same compressed.
    sealed: Vec<u8>,
    /// Small chunks are gathered here for one write.
    cork: Vec<u8>,
    dirty: Vec<u32>,
    now: Moment,
    /// How many of the workspace's compressions were added up.
    compressions: u64,
    draining: Option<(CloseCode, Duration)>,
    stopping: bool,
    /// Scratch: what [`Shard::run_commands`] carries out, who is ready, whose timers are due.
    commands: Vec<Command>,
    ready: Vec<Arc<Link>>,
    due: Vec<u32>,
    began: Instant,
    sweep_every: Duration,
    timer: Pin<Box<Sleep>>,
}

impl Shard {
    /// Must run inside a tokio runtime with time.
    pub(crate) fn new(
        index: usize,
        shards: Arc<[Arc<Inbox>]>,
        stint: Arc<Stint>,
        counters: Arc<Counters>,
    ) -> Self {
        Self {
            index,
            inbox: Arc::clone(&shards[index]),
            shards,
            stint,
            counters,
            lines: Slab::new(),
            members: Members::new(index),
            sockets: Sockets::default(),
            fanout: Fanout::default(),
            workspace: Workspace::default(),
            buffer: vec![0; READ_BYTES].into(),
            spare: Spare::default(),
            own: Vec::new(),
            replies: Replies::default(),
            sealed: Vec::new(),
            cork: Vec::new(),
            dirty: Vec::new(),
            now: Moment::default(),
            compressions: 0,
            draining: None,
            stopping: false,
            commands: Vec::new(),
            ready: Vec::new(),
            due: Vec::new(),
            began: Instant::now(),
            sweep_every: Duration::from_secs(1),
            timer: Box::pin(tokio::time::sleep(Duration::ZERO)),
        }
    }

    fn turn(&mut self) {
        self.now = Moment::at(self.began.elapsed());
        self.run_commands();
        self.notice_all();
        let mut ready = std::mem::take(&mut self.ready);
        self.inbox.take_ready(&mut ready);
        for link in ready.drain(..) {
            link.unready();
            let slot = link.slot();
            if slot != NOWHERE {
                self.drive(slot, true);
            }
        }
        self.ready = ready;
        self.send_replies();
        self.linger();
        // What was published to other shards in these turns; they work while this one does.
        engine::call_all(&self.shards);
        self.fan_out_all();
        self.flush_dirty();
        self.count_compressions();
    }

    /// Gives each socket that has become ready its turn.
    fn notice_all(&mut self) {
        let mut sockets = std::mem::take(&mut self.sockets.ready);
        for readiness in sockets.drain(..) {
            self.notice(readiness);
        }
        self.send_replies();
        self.sockets.ready = sockets;
    }

    /// Adds up for all shards what this one has compressed since it last did.
    fn count_compressions(&mut self) {
        let compressions = self.workspace.outbound.compressions();
        if compressions > self.compressions {
            self.counters.compress(compressions - self.compressions);
            self.compressions = compressions;
        }
    }

    /// Carries out what others asked for, in order. Cheap when nobody did.
    fn run_commands(&mut self) {
        let mut commands = std::mem::take(&mut self.commands);
        self.inbox.take_commands(&mut commands);
        for command in commands.drain(..) {
            self.run(command);
        }
        self.commands = commands;
    }

    /// Nothing is left to do: over, once nobody can hand in a connection any more.
    fn rest(&self) -> Poll<()> {
        match self.inbox.is_closed() && self.lines.is_empty() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }

    fn poll_timer(&mut self, cx: &mut Context<'_>) {
        let next = Instant::now() + self.sweep_every;
        if self.timer.deadline() > next {
            self.timer.as_mut().reset(next);
        }
        while !self.lines.is_empty() && self.timer.as_mut().poll(cx).is_ready() {
            self.now = Moment::at(self.began.elapsed());
            self.sweep();
            self.flush_dirty();
            let next = Instant::now() + self.sweep_every;
            self.timer.as_mut().reset(next);
        }
    }
}

impl Drop for Shard {
    /// Counts out what a runtime that ends takes with it.
    fn drop(&mut self) {
        self.lines.iter().for_each(|_| self.counters.leave());
    }
}

impl Future for Shard {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let shard = self.get_mut();
        shard.inbox.attend();
        for _ in 0..TURNS_MAX {
            let told = shard.sockets.poll(cx).is_ready();
            if !told && !shard.inbox.listen(cx.waker()) {
                // The sweep may find work, and then calls this task again.
                shard.poll_timer(cx);
                return shard.rest();
            }
            shard.turn();
        }
        shard.poll_timer(cx);
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
