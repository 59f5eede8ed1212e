//! Probes: messages to oneself, which come back when the server has seen all that was sent before them.
//!
//! NATS acknowledges neither a subscription nor a publication, and async-nats lets nobody else use its pings. But a server
//! handles what one connection sends in order, so a probe that is back says that it is done with everything before.

use std::collections::HashMap;

use parking_lot::Mutex;
use tokio::sync::oneshot;

#[derive(Default)]
pub(crate) struct Probes(Mutex<Flying>);

/// One for each call under way, of which there are three at most.
#[derive(Default)]
struct Flying {
    last: u64,
    waiting: HashMap<u64, oneshot::Sender<()>>,
    closed: bool,
}

impl Probes {
    /// What to send, and when it is back. Fails when the session ends before.
    pub(crate) fn launch(&self) -> ([u8; 8], oneshot::Receiver<()>) {
        let mut flying = self.0.lock();
        flying.last += 1;
        let number = flying.last;
        let (landing, landed) = oneshot::channel();
        if !flying.closed {
            flying.waiting.retain(|_, landing| !landing.is_closed());
            flying.waiting.insert(number, landing);
        }
        (number.to_be_bytes(), landed)
    }

    /// One is back. Anything else that a stranger sends here lands nowhere.
    pub(crate) fn land(&self, bytes: &[u8]) {
        let number = bytes.try_into().map(u64::from_be_bytes);
        let landing = number.ok().and_then(|it| self.0.lock().waiting.remove(&it));
        if let Some(landing) = landing {
            // Who launched it may have given up.
            let _ = landing.send(());
        }
    }

    /// No more will come back.
    pub(crate) fn close(&self) {
        let mut flying = self.0.lock();
        flying.closed = true;
        flying.waiting.clear();
    }
}
