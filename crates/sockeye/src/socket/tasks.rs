//! Tasks: what a connection has started, and what it leaves to be done.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;

use futures_util::FutureExt;
use tokio::task::{AbortHandle, JoinSet};

use crate::error::{Error, ErrorKind};

/// Work to do once the connection has ended.
type Afterwards = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The tasks of one connection. They end with it; what was put off to its end runs then, in order.
#[derive(Default)]
pub(crate) struct Tasks(Option<Box<Started>>);

#[derive(Default)]
pub(crate) struct Started {
    running: JoinSet<()>,
    afterwards: Vec<Afterwards>,
}

impl Tasks {
    /// Starts a task.
    ///
    /// # Errors
    /// `Limit` when `limit` of them run already.
    pub(crate) fn spawn(
        &mut self,
        limit: usize,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> Result<AbortHandle, Error> {
        let started = self.0.get_or_insert_default();
        while started.running.try_join_next().is_some() {}
        let found = started.running.len();
        if found >= limit {
            let text = format!(
                "cannot start a task: {found} of this connection run already, the limit is {limit}"
            );
            return Err(Error::with(ErrorKind::Limit, text));
        }
        Ok(started.running.spawn(task))
    }

    /// Puts work off to the end of the connection.
    ///
    /// # Errors
    /// `Limit` when `limit` pieces wait already.
    pub(crate) fn after(
        &mut self,
        limit: usize,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), Error> {
        let started = self.0.get_or_insert_default();
        if started.afterwards.len() >= limit {
            let text = format!(
                "cannot put work off: {limit} pieces wait for the end of this connection already"
            );
            return Err(Error::with(ErrorKind::Limit, text));
        }
        started.afterwards.push(Box::pin(work));
        Ok(())
    }

    /// Takes what there is to finish.
    pub(crate) fn take(&mut self) -> Option<Box<Started>> {
        self.0.take()
    }
}

impl Started {
    /// Ends the tasks, waits until they are gone, then does what was put off.
    pub(crate) async fn finish(mut self) {
        self.running.shutdown().await;
        for work in self.afterwards {
            // One that panics must not keep the others from being done.
            if AssertUnwindSafe(work).catch_unwind().await.is_err() {
                tracing::error!("work put off to the end of a connection panicked");
            }
        }
    }
}
