//! Permission of any type, by which a file can name it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use sockeye::{Access, Permission, Result};

/// A permission whose type is forgotten, and which several models share.
pub(super) struct Named<U>(Arc<dyn Asked<U>>);

trait Asked<U>: Send + Sync {
    fn ask<'a>(
        &'a self,
        access: &'a Access<'_, U>,
    ) -> Pin<Box<dyn Future<Output = Result<bool>> + Send + 'a>>;
}

impl<U: Sync, P: Permission<U>> Asked<U> for P {
    fn ask<'a>(
        &'a self,
        access: &'a Access<'_, U>,
    ) -> Pin<Box<dyn Future<Output = Result<bool>> + Send + 'a>> {
        Box::pin(self.check(access))
    }
}

impl<U: Sync> Named<U> {
    pub(super) fn new(permission: impl Permission<U>) -> Self {
        Self(Arc::new(permission))
    }
}

impl<U: Sync + 'static> Permission<U> for Named<U> {
    async fn check(&self, access: &Access<'_, U>) -> Result<bool> {
        self.0.ask(access).await
    }
}

impl<U> Clone for Named<U> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<U> fmt::Debug for Named<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Named")
    }
}
