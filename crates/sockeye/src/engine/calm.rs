//! Calm: whether an engine has anything left to do before time passes or somebody brings something.

use tokio::sync::oneshot;

use crate::engine::Engine;
use crate::engine::inbox::Command;

impl Engine {
    /// Whether every shard sleeps: all that came in is done, but for hooks that wait.
    pub(crate) fn is_asleep(&self) -> bool {
        self.started.get().is_none() || self.shards.iter().all(|inbox| inbox.is_asleep())
    }

    /// How many hooks run that have to wait for something.
    pub(crate) async fn running_hooks(&self) -> usize {
        if self.started.get().is_none() {
            return 0;
        }
        let mut running = 0;
        for inbox in self.shards.iter() {
            let (answer, answered) = oneshot::channel();
            inbox.send(Command::CountHooks(answer));
            // A shard whose runtime has ended runs none.
            running += answered.await.unwrap_or(0);
        }
        running
    }
}
