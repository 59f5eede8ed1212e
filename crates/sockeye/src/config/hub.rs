//! Options of a node: its hub, and the engine below it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::sync::LazyLock;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::{Wire, span};

/// How one node drives its connections.
///
/// ```
/// let mut options = sockeye::HubOptions::default();
/// options.shards = 2;
/// let hub = sockeye::Hub::with_options(options);
/// ```
///
/// With serde, what is missing keeps its default and what is unknown is an error; `overflow` is a table of kinds of
/// groups. See [`Settings`](crate::Settings).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
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
    #[serde(with = "span::or_off")]
    pub blocked_after: Option<Duration>,
    /// The keys of typed messages that are published from outside of any connection. Defaults to `action` and `payload`.
    pub wire: Wire,
    /// How long another node may be silent before it counts as gone, and with it all that are
    /// [tracked](crate::Peer::track) there. Defaults to 25 s: a node that is busy, or whose broker is changed, is not given
    /// up, and users see within half a minute that somebody has gone with a machine. At least 1 s; the same on all nodes.
    #[serde(with = "span")]
    pub lease: Duration,
    overflow: BTreeMap<Cow<'static, str>, Overflow>,
}

/// What becomes of messages to a group that find no room in a member's outbox: said for each kind of group by
/// [`HubOptions::overflow`]. Whatever it is, other members notice nothing, no message arrives in part, and those that
/// arrive keep their order.
///
/// What a member lost is counted, in [`Stats::dropped`](crate::Stats::dropped), and told: to
/// [`Handler::on_gap`](crate::Handler::on_gap), or to [`WebSocket::take_gaps`](crate::WebSocket::take_gaps). A member
/// that takes nothing at all for the [write timeout](crate::Options::write_timeout) is closed in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Overflow {
    /// The member is closed with 1013, so that it comes back and starts afresh: for messages of which none may be
    /// missed.
    #[default]
    Disconnect,
    /// The oldest messages of the group that wait for the member make room for the new one: for a feed whose newest
    /// part counts. When none of that group waits, the new one is dropped.
    DropOldest,
    /// A message takes the place of the one that waits with the same key, whether or not there is room: for values that
    /// replace each other. The publisher sets the key by [`Group::keyed`](crate::Group::keyed); messages without one
    /// have one in common. When the room is full of different keys, the oldest make room.
    KeepLatest,
}

impl Default for HubOptions {
    fn default() -> Self {
        static WATCH_SOCKETS: LazyLock<bool> =
            LazyLock::new(|| watches(std::env::var_os("SOCKEYE_WATCH_SOCKETS").as_deref()));
        Self {
            shards: 0,
            watch_sockets: *WATCH_SOCKETS,
            blocked_after: Some(Duration::from_secs(1)),
            wire: Wire::DEFAULT,
            lease: Duration::from_secs(25),
            overflow: BTreeMap::new(),
        }
    }
}

impl HubOptions {
    /// Says what becomes of messages that a slow member of some groups has no room for: of all groups of this kind,
    /// which is the first part of their name, be it `"prices"` or `("room", room)`. The last word counts. Groups of
    /// which nothing was said disconnect the member.
    ///
    /// Messages of groups that drop or replace fill at most half of a member's
    /// [outbox](crate::Options::outbox_bytes), so that replies find room in it.
    ///
    /// ```
    /// use sockeye::{Hub, HubOptions, Overflow};
    ///
    /// # fn main() -> sockeye::Result<()> {
    /// let mut options = HubOptions::default();
    /// options.overflow("prices", Overflow::KeepLatest);
    /// options.overflow("room", Overflow::DropOldest);
    /// let hub = Hub::with_options(options);
    /// hub.group("prices")?.keyed("AAPL").broadcast("AAPL 231.40")?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn overflow(&mut self, kind: &'static str, overflow: Overflow) {
        self.overflow.insert(Cow::Borrowed(kind), overflow);
    }

    pub(crate) fn overflow_of(&self, kind: &str) -> Overflow {
        self.overflow.get(kind).copied().unwrap_or_default()
    }

    /// The lease of a node, within its bounds.
    pub(crate) fn lease(&self) -> Duration {
        self.lease.max(Duration::from_secs(1))
    }

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
