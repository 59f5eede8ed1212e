//! Options of a node: its hub, and the engine below it.

use std::ffi::OsStr;
use std::sync::LazyLock;
use std::time::Duration;

/// How one node drives its connections.
///
/// ```
/// let mut options = sockeye::HubOptions::default();
/// options.shards = 2;
/// let hub = sockeye::Hub::with_options(options);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HubOptions {
    /// Shards, each of which owns its share of the connections and drives them on one thread at a time. Defaults to 0,
    /// which means one for each core; more than there are cores gains nothing.
    pub shards: usize,
    /// Whether plain TCP sockets are taken out of the runtime and watched by the shards themselves, which is faster and
    /// takes less memory. Defaults to `true`; without effect where that cannot be done: anywhere but on Linux, and below
    /// TLS or HTTP/2. `false` leaves every socket to the runtime. The environment variable `SOCKEYE_WATCH_SOCKETS=0`,
    /// read once, makes that the default: to run a whole program, or a test suite, over the other source of readiness.
    pub watch_sockets: bool,
    /// How long a handler may keep its shard from all other connections, by computing, sleeping or waiting for a lock
    /// without an `.await`, before a warning in the log names it. Defaults to 1 s: by then thousands of peers may wait,
    /// while no machine that is merely busy keeps a thread away so long. Also moves the runtime's other threads to serve
    /// what the blocked one would have. `None` never looks.
    pub blocked_after: Option<Duration>,
}

impl Default for HubOptions {
    fn default() -> Self {
        static WATCH_SOCKETS: LazyLock<bool> =
            LazyLock::new(|| watches(std::env::var_os("SOCKEYE_WATCH_SOCKETS").as_deref()));
        Self {
            shards: 0,
            watch_sockets: *WATCH_SOCKETS,
            blocked_after: Some(Duration::from_secs(1)),
        }
    }
}

impl HubOptions {
    /// How many shards that makes on this machine.
    pub(crate) fn shard_count(&self) -> usize {
        match self.shards {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            shards => shards,
        }
    }
}

fn watches(variable: Option<&OsStr>) -> bool {
    variable.is_none_or(|value| value != "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_zero_leaves_the_sockets_to_the_runtime() {
        let watched = [None, Some(""), Some("1"), Some("yes"), Some("0")]
            .map(|value| watches(value.map(OsStr::new)));
        assert_eq!(watched, [true, true, true, true, false]);
    }

    #[test]
    fn no_number_of_shards_means_one_for_each_core() {
        let mut options = HubOptions::default();
        assert!(options.shard_count() >= 1);
        options.shards = 3;
        assert_eq!(options.shard_count(), 3);
    }
}
