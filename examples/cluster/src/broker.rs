//! BrokerServer: a Redis or a NATS of the example's own, from what the system has installed.

use std::time::Duration;

use fixtures::{Nats, Redis};
use sockeye::{Error, Hub, HubOptions, Result};
use sockeye_nats::NatsBroker;
use sockeye_redis::RedisBroker;

/// A server on a free port of loopback; dropped, it ends.
#[derive(Debug)]
pub enum BrokerServer {
    /// From the Debian package redis-server.
    Redis(Redis),
    /// From the Debian package nats-server.
    Nats(Nats),
}

impl BrokerServer {
    /// Starts Redis; returns when it answers.
    ///
    /// # Panics
    /// When it is not installed; names the package.
    pub async fn redis() -> Self {
        Self::Redis(Redis::start().await)
    }

    /// The same for NATS.
    ///
    /// # Panics
    /// When it is not installed; names the package.
    pub async fn nats() -> Self {
        Self::Nats(Nats::start().await)
    }

    /// Where it is, as nodes want to know it.
    #[must_use]
    pub fn url(&self) -> String {
        match self {
            Self::Redis(redis) => redis.url(),
            Self::Nats(nats) => nats.url(),
        }
    }
}

/// The hub of a node at the broker of that URL.
///
/// # Errors
/// When it is the URL of no broker that is known here.
pub(crate) fn hub(url: &str, lease: Option<Duration>) -> Result<Hub> {
    let mut options = HubOptions::default();
    if let Some(lease) = lease {
        options.lease = lease;
    }
    match url.split_once("://") {
        Some(("redis", _)) => Ok(Hub::with(RedisBroker::new(url)?, options)),
        Some(("nats", _)) => Ok(Hub::with(NatsBroker::new(url)?, options)),
        _ => Err(Error::new(format!(
            "cannot reach other nodes by {url:?}: name a broker like redis://127.0.0.1:6379 or nats://127.0.0.1:4222"
        ))),
    }
}
