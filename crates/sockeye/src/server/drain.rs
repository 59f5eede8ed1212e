//! Draining: how a running server is told to end, softly or at once.

use std::sync::Arc;
use std::time::Duration;

use sockeye_protocol::CloseCode;
use tokio::sync::watch;

use crate::config::{Drain, ServerOptions};
use crate::group::Hub;

/// How far the end of a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    Serving,
    Draining,
    Stopped,
}

/// Tells a running [`Server`](crate::Server) to end, from anywhere.
#[derive(Clone, Debug)]
pub struct ServerHandle(Arc<watch::Sender<Phase>>);

impl ServerHandle {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Phase::Serving)))
    }

    /// Stops accepting, closes every connection within the drain window, sooner when there are few, and awaits each.
    pub fn drain(&self) {
        self.advance(Phase::Draining);
    }

    /// Closes everything at once: running hooks are dropped, `on_disconnect` still runs.
    pub fn stop(&self) {
        self.advance(Phase::Stopped);
    }

    fn advance(&self, to: Phase) {
        self.0.send_if_modified(|phase| {
            let later = *phase < to;
            *phase = to.max(*phase);
            later
        });
    }

    /// Waits until the server is told to reach `phase`.
    pub(crate) async fn reached(&self, phase: Phase) {
        let mut phases = self.0.subscribe();
        // The sender lives as long as this handle, so waiting cannot fail.
        let _ = phases.wait_for(|now| *now >= phase).await;
    }

    /// Drains on the first SIGINT or SIGTERM, stops on the second.
    pub(crate) async fn follow_signals(self) {
        // Heard without a gap, so that a second signal right behind the first is not lost.
        let mut signals = match Signals::listen() {
            Ok(signals) => signals,
            Err(error) => return tracing::error!(%error, "cannot listen for signals"),
        };
        signals.next().await;
        tracing::info!("draining; a second signal stops at once");
        self.drain();
        signals.next().await;
        self.stop();
    }
}

/// Ends the sockets of a hub as told: a drain that a stop may cut short.
pub(crate) async fn end_sockets(hub: &Hub, handle: &ServerHandle, options: &ServerOptions) {
    let code = match options.drain {
        Drain::Restart => CloseCode::RESTART,
        Drain::Leave => CloseCode::GOING_AWAY,
    };
    tokio::select! {
        () = hub.drain(code, window(hub, options)) => {}
        () = handle.reached(Phase::Stopped) => hub.stop().await,
    }
}

/// The window for as many connections as there are.
fn window(hub: &Hub, options: &ServerOptions) -> Duration {
    let connections = u32::try_from(hub.stats().connections).unwrap_or(u32::MAX);
    let claimed = options.drain_pace.saturating_mul(connections);
    options.drain_window.min(claimed)
}

/// How long plain HTTP may take to end after the sockets have.
pub(crate) const HTTP_GRACE: Duration = Duration::from_secs(5);

/// What tells a process to end.
#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// What tells a process to end.
#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}
