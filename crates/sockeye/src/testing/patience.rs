//! Patience: how long a test waits for something, and what it says when that does not come.

use std::future::Future;
use std::panic::Location;
use std::time::Duration;

/// Five seconds of tokio's time, which is none at all where that is paused.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// A wait that began at some place in a test.
#[derive(Clone, Copy)]
pub(crate) struct Patience {
    pub(crate) longest: Duration,
    caller: &'static Location<'static>,
}

impl Patience {
    #[track_caller]
    pub(crate) fn new(longest: Duration) -> Self {
        let caller = Location::caller();
        Self { longest, caller }
    }

    /// Waits, or fails the test with what it waited for and the story of what came instead.
    pub(crate) async fn wait<T>(
        self,
        what: &str,
        story: impl Fn() -> String,
        future: impl Future<Output = T>,
    ) -> T {
        match tokio::time::timeout(self.longest, future).await {
            Ok(value) => value,
            Err(_) => {
                let longest = self.longest;
                self.fail(&format!("waited {longest:?} for {what}; {}", story()))
            }
        }
    }

    /// Fails the test, naming the line in it: an async function cannot be blamed on its caller by the compiler.
    #[expect(clippy::panic, reason = "this is how a test fails")]
    pub(crate) fn fail(self, text: &str) -> ! {
        panic!("at {}: {text}", self.caller)
    }
}
