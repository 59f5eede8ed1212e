//! Outages of a real server: asked to end, killed, frozen.

use std::sync::Arc;

use fixtures::Nats;
use sockeye::testing::{Outage, OutageFuture};
use tokio::sync::Mutex;

/// A server that ends in both ways in turn.
pub(crate) struct Fragile {
    pub(crate) nats: Arc<Mutex<Nats>>,
    kills: bool,
}

impl Fragile {
    pub(crate) fn new(nats: Nats) -> Self {
        let nats = Arc::new(Mutex::new(nats));
        Self { nats, kills: false }
    }
}

impl Outage for Fragile {
    fn down(&mut self) -> OutageFuture<'_> {
        self.kills = !self.kills;
        Box::pin(async {
            let mut nats = self.nats.lock().await;
            match self.kills {
                true => nats.kill().await,
                false => nats.terminate().await,
            }
        })
    }

    fn up(&mut self) -> OutageFuture<'_> {
        Box::pin(async { self.nats.lock().await.restart().await })
    }

    fn freeze(&mut self) -> bool {
        self.nats.try_lock().unwrap().freeze();
        true
    }

    fn thaw(&mut self) {
        self.nats.try_lock().unwrap().thaw();
    }
}
