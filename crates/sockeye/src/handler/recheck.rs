//! Recheck: what an endpoint asked of a client before it let it in, asked again.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use http::Extensions;

use crate::group::{Hub, Recheck, Rechecked};
use crate::handler::hook::{Asked, ErasedHook};
use crate::handshake::{Handshake, Rejection};

/// The loaders and permissions of an endpoint beside the request that they judged. Only connections of known users whose
/// endpoints have any keep one; it is a copy of the handshake, some 300 to 1,000 bytes.
pub(crate) struct Again<S> {
    pub(crate) hooks: Arc<[Arc<dyn ErasedHook<S>>]>,
    pub(crate) handshake: Handshake,
    pub(crate) extensions: Extensions,
    pub(crate) state: S,
    pub(crate) timeout: Duration,
}

impl<S> Again<S> {
    async fn ask(&self, hub: &Hub) -> Result<(), Rejection> {
        let mut handshake = self.handshake.copy();
        let mut parts = handshake.to_parts(self.extensions.clone());
        let mut asked = Asked {
            parts: &mut parts,
            handshake: &mut handshake,
            state: &self.state,
            hub,
            anonymous: false,
        };
        for hook in self.hooks.iter().filter(|hook| hook.is_asked_again()) {
            hook.run(asked.again()).await?;
        }
        Ok(())
    }
}

impl<S: Send + Sync> Recheck for Again<S> {
    fn recheck<'a>(&'a self, hub: &'a Hub) -> Rechecked<'a> {
        Box::pin(async move {
            let asked = AssertUnwindSafe(self.ask(hub)).catch_unwind();
            match tokio::time::timeout(self.timeout, asked).await {
                Ok(Ok(judged)) => judged,
                Ok(Err(_)) => Err(Rejection::internal("a loader or a permission panicked")),
                Err(_) => Err(Rejection::internal(
                    "the loaders and permissions took longer than the handshake timeout",
                )),
            }
        })
    }
}
