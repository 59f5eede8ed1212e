//! Ledger: what one member has heard, held against what was published.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Who publishes and where.
pub(crate) type Stream = (usize, usize);

/// Kept as messages come, so that it does not grow with them.
pub(crate) struct Ledger {
    streams: HashMap<Stream, Heard>,
    /// By room, when the last gap was told.
    gaps: HashMap<usize, Instant>,
    /// Jumps that nobody has explained yet, by room.
    open: Vec<(usize, Instant)>,
    pub(crate) tally: Tally,
}

#[derive(Clone, Copy)]
struct Heard {
    next: u64,
    at: Instant,
    /// When the last one was published.
    published: Duration,
}

/// What is told at the end.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) heard: u64,
    pub(crate) missing: u64,
    pub(crate) repeated: u64,
    pub(crate) jumps: u64,
    pub(crate) gaps: u64,
    /// The longest time from a jump to the gap that explains it.
    pub(crate) latest: Duration,
}

impl Ledger {
    /// A member that will hear all of these from the start.
    pub(crate) fn new(streams: impl Iterator<Item = Stream>) -> Self {
        let heard = Heard {
            next: 0,
            at: Instant::now(),
            published: Duration::ZERO,
        };
        Self {
            streams: streams.map(|stream| (stream, heard)).collect(),
            gaps: HashMap::new(),
            open: Vec::new(),
            tally: Tally::default(),
        }
    }

    /// Hears a message.
    pub(crate) fn hear(&mut self, (room, publisher): Stream, number: u64, published: Duration) {
        self.tally.heard += 1;
        let now = Instant::now();
        let heard = self.streams.get_mut(&(room, publisher)).unwrap();
        if number < heard.next {
            self.tally.repeated += 1;
            return;
        }
        if number > heard.next {
            self.tally.missing += number - heard.next;
            self.tally.jumps += 1;
            // A gap that was told before the message before says nothing of this one.
            if self.gaps.get(&room).is_none_or(|told| *told < heard.at) {
                self.open.push((room, now));
            }
        }
        *heard = Heard {
            next: number + 1,
            at: now,
            published,
        };
    }

    /// Hears that messages of a room may be missing.
    pub(crate) fn miss(&mut self, room: usize) {
        let now = Instant::now();
        self.tally.gaps += 1;
        self.gaps.insert(room, now);
        let latest = &mut self.tally.latest;
        self.open.retain(|(of, since)| {
            if *of == room {
                *latest = (*latest).max(now - *since);
            }
            *of != room
        });
    }

    /// Whether something of every stream was heard that was published then or later.
    pub(crate) fn is_live_since(&self, then: Duration) -> bool {
        self.streams.values().all(|heard| heard.published >= then)
    }

    /// Whether every stream was heard up to this number.
    pub(crate) fn has_heard(&self, last: impl Fn(Stream) -> u64) -> bool {
        let mut streams = self.streams.iter();
        streams.all(|(stream, heard)| heard.next > last(*stream))
    }

    /// How many jumps were never explained.
    pub(crate) fn unexplained(&self) -> usize {
        self.open.len()
    }
}
