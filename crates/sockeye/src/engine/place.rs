//! Place: room for one of the connections that a server may have open.

use std::sync::Arc;

use tokio::sync::Semaphore;

/// The places of one server that are free.
#[derive(Debug)]
pub(crate) struct Places(Arc<Semaphore>);

impl Places {
    /// As many as a server may have connections open.
    pub(crate) fn new(count: usize) -> Self {
        let count = count.min(Semaphore::MAX_PERMITS);
        Self(Arc::new(Semaphore::new(count)))
    }

    /// Waits for a free place; who waits longest is next. `None` can only come of closing, which nobody does.
    ///
    /// # Cancel safety
    /// Dropped, it has taken nothing.
    pub(crate) async fn take(&self) -> Option<Place> {
        self.0.acquire().await.ok()?.forget();
        Some(Place(Arc::clone(&self.0)))
    }
}

/// A place that is taken; dropping it gives it back. One word and no block of its own, because each socket has one.
#[derive(Debug)]
pub(crate) struct Place(Arc<Semaphore>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.add_permits(1);
    }
}
