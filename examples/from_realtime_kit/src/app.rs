//! App: what all connections share: a count, and titles that are loaded once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use moka::future::Cache;
use sockeye::{Error, Result};

/// The kit's `UserId`.
pub(crate) type UserId = i64;

#[derive(Clone)]
pub(crate) struct App {
    titles: Cache<String, String>,
    loads: Arc<AtomicU64>,
    messages: Arc<AtomicU64>,
}

impl Default for App {
    fn default() -> Self {
        Self {
            titles: Cache::new(1_000),
            loads: Arc::default(),
            messages: Arc::default(),
        }
    }
}

impl App {
    /// The title of a topic. Who asks while it is being loaded waits for that load; a load that fails is not kept.
    pub(crate) async fn title(&self, topic: &str) -> Result<String> {
        let load = self.load_title(topic);
        let title = self.titles.try_get_with_by_ref(topic, load).await;
        title.map_err(|error| Error::new(error.to_string()))
    }

    /// Stands for a database that takes its time.
    async fn load_title(&self, topic: &str) -> Result<String> {
        self.loads.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        Ok(format!("About {topic}"))
    }

    pub(crate) fn count_message(&self) -> u64 {
        self.messages.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn messages(&self) -> u64 {
        self.messages.load(Ordering::Relaxed)
    }

    #[cfg(test)]
    pub(crate) fn loads(&self) -> u64 {
        self.loads.load(Ordering::Relaxed)
    }
}
