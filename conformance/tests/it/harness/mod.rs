//! The harness: a server in a process of its own, and connections on which a probe writes every byte itself.

mod raw;
mod response;
mod server;

pub(crate) use raw::Raw;
pub(crate) use response::Response;
pub(crate) use server::{PROGRAM, Server};

use std::future::Future;
use std::time::Duration;

/// How long anything may take before a probe gives up: more than the longest default deadline, 10 s.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for `what`, or fails the test with its name.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("waited {PATIENCE:?} in vain for {what}"),
    }
}
