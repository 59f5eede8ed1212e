//! Watchdog: names the handler that keeps its shard from everybody else.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use crate::engine::counters::Counters;
use crate::engine::stint::{Call, Stint};
use crate::id::{ConnectionId, NodeId};

/// Looks per time that a handler may block: what is warned of has lasted for that time, and at most a quarter longer.
const LOOKS: u32 = 4;

/// A watch over all shards of an engine, on a thread of its own: every worker of the runtime may be blocked.
///
/// It counts looks and not time, so that a machine that stood still accuses nobody.
pub(crate) struct Watchdog {
    pub(crate) node: NodeId,
    pub(crate) stints: Box<[Arc<Stint>]>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) runtime: Handle,
}

/// Ends the watch when it is dropped.
#[derive(Debug)]
pub(crate) struct Leash {
    #[expect(dead_code, reason = "dropping it is its use")]
    held: Sender<()>,
}

impl Watchdog {
    /// Starts the watch.
    ///
    /// # Errors
    /// When no thread can be started.
    pub(crate) fn start(self, blocked_after: Duration) -> io::Result<Leash> {
        let (held, let_go) = channel();
        let interval = (blocked_after / LOOKS).max(Duration::from_millis(1));
        std::thread::Builder::new()
            .name("sockeye-watchdog".to_owned())
            .spawn(move || self.watch(interval, &let_go))?;
        Ok(Leash { held })
    }

    fn watch(&self, interval: Duration, let_go: &Receiver<()>) {
        let mut watched: Vec<_> = self.stints.iter().map(|_| Watched::default()).collect();
        while let_go.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
            for (shard, watched) in watched.iter_mut().enumerate() {
                self.look(shard, watched);
            }
        }
    }

    fn look(&self, shard: usize, watched: &mut Watched) {
        if let Some(finding) = watched.look(self.stints[shard].current(), Instant::now()) {
            self.report(shard, finding);
        }
        if watched.looks > 0 {
            // The blocked worker may be the one that waited for the runtime's events. A task that comes from outside
            // wakes another, which then waits for them.
            self.runtime.spawn(std::future::ready(()));
        }
    }

    fn report(&self, shard: usize, finding: Finding) {
        match finding {
            Finding::Blocks(call, duration) => {
                self.counters.block();
                tracing::warn!(
                    handler = call.handler,
                    connection = %ConnectionId::of(self.node, call.connection),
                    shard,
                    ?duration,
                    "a handler blocks its shard, and with it all other connections there; it must await, or use a \
                     thread of its own (tokio::task::spawn_blocking)"
                );
            }
            Finding::Over(call, duration) => {
                tracing::warn!(
                    handler = call.handler,
                    connection = %ConnectionId::of(self.node, call.connection),
                    shard,
                    ?duration,
                    "a handler has stopped blocking its shard"
                );
            }
        }
    }
}

/// What a look at a shard tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Finding {
    /// It has been in this call for so long, and is still there.
    Blocks(Call, Duration),
    /// It has left this call, in which it was for about so long.
    Over(Call, Duration),
}

/// What was seen of one shard.
#[derive(Debug, Default)]
struct Watched {
    since: Option<(Call, Instant)>,
    /// How often the same call was found again.
    looks: u32,
}

impl Watched {
    fn look(&mut self, current: Option<Call>, now: Instant) -> Option<Finding> {
        if let Some((call, since)) = self.since
            && current.is_some_and(|current| current.count == call.count)
        {
            self.looks = self.looks.saturating_add(1);
            return (self.looks == LOOKS).then(|| Finding::Blocks(call, now - since));
        }
        let before = self.since.take().filter(|_| self.looks >= LOOKS);
        self.looks = 0;
        self.since = current.map(|call| (call, now));
        before.map(|(call, since)| Finding::Over(call, now - since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(count: u64) -> Call {
        Call {
            count,
            connection: 7,
            handler: "room",
        }
    }

    #[test]
    fn one_call_is_reported_once_while_it_lasts_and_once_when_it_is_over() {
        let start = Instant::now();
        let at = |looks: u32| start + Duration::from_millis(250) * looks;
        let mut watched = Watched::default();
        for look in 0..4 {
            assert_eq!(watched.look(Some(call(1)), at(look)), None);
        }
        let found = watched.look(Some(call(1)), at(4));
        assert_eq!(found, Some(Finding::Blocks(call(1), at(4) - start)));
        for look in 5..50 {
            assert_eq!(watched.look(Some(call(1)), at(look)), None);
        }
        let found = watched.look(Some(call(3)), at(50));
        assert_eq!(found, Some(Finding::Over(call(1), at(50) - start)));
        for look in 51..54 {
            assert_eq!(watched.look(Some(call(3)), at(look)), None);
        }
        assert_eq!(watched.look(None, at(54)), None);
    }

    #[test]
    fn the_thread_goes_with_its_leash() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let stint = Arc::new(Stint::default());
        let watched = Arc::downgrade(&stint);
        let watchdog = Watchdog {
            node: NodeId::random(),
            stints: [stint].into(),
            counters: Arc::default(),
            runtime: runtime.handle().clone(),
        };
        let leash = watchdog.start(Duration::from_secs(3600)).unwrap();
        assert_eq!(watched.strong_count(), 1);
        drop(leash);
        let patience = Instant::now() + Duration::from_secs(20);
        while watched.strong_count() > 0 {
            assert!(Instant::now() < patience, "the thread goes on");
            std::thread::yield_now();
        }
    }

    #[test]
    fn many_short_calls_are_no_long_one_and_neither_is_a_machine_that_stood_still() {
        let start = Instant::now();
        let mut watched = Watched::default();
        for count in 0..100 {
            assert_eq!(watched.look(Some(call(2 * count + 1)), start), None);
        }
        let later = start + Duration::from_secs(3600);
        assert_eq!(watched.look(Some(call(199)), later), None);
        assert_eq!(watched.look(None, later), None);
    }
}
