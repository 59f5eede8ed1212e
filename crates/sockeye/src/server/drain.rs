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

    /// Stops accepting, closes every connection within the drain window and awaits each.
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
        signal().await;
        tracing::info!("draining; a second signal stops at once");
        self.drain();
        signal().await;
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
        () = hub.drain(code, options.drain_window) => {}
        () = handle.reached(Phase::Stopped) => hub.stop().await,
    }
}

/// How long plain HTTP may take to end after the sockets have.
pub(crate) const HTTP_GRACE: Duration = Duration::from_secs(5);

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

#[cfg(not(unix))]
async fn signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
