//! Wake: the feeds of this process hear at once that something was committed.

use std::sync::Arc;

use tokio::sync::watch;

/// Wakes who listens. A hint: what a listener does not hear it finds at its next poll.
#[derive(Clone, Debug)]
pub(crate) struct Wake(Arc<watch::Sender<()>>);

/// Hears of every wake since it last did, once.
#[derive(Debug)]
pub(crate) struct Listener(watch::Receiver<()>);

impl Default for Wake {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(())))
    }
}

impl Wake {
    pub(crate) fn wake(&self) {
        self.0.send_replace(());
    }

    /// Hears of what is committed from now on.
    pub(crate) fn listen(&self) -> Listener {
        Listener(self.0.subscribe())
    }
}

impl Listener {
    /// Waits until there was a wake since the last time that this returned; for ever when nobody is left to wake.
    ///
    /// # Cancel safety
    /// Dropped at an await point it has heard nothing.
    pub(crate) async fn woken(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
