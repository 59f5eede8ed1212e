//! Topic: a broker's string on this node, and its members in one shard.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use parking_lot::Mutex;

use crate::config::Overflow;
use crate::engine::counters::Counters;

/// A topic as the whole node knows it: how many members each shard has.
#[derive(Debug)]
pub(crate) struct Topic {
    name: Arc<str>,
    /// Tells it from all other topics of the process, gone ones too.
    number: u64,
    overflow: Overflow,
    /// Members per shard, those on their way in counted: a publish after a join sees it.
    members: Box<[AtomicUsize]>,
    /// Held while a publication is handed to the shards, so that all of them see one order.
    pub(crate) order: Mutex<()>,
    counters: Arc<Counters>,
}

impl Topic {
    pub(crate) fn new(
        name: Arc<str>,
        overflow: Overflow,
        shards: usize,
        counters: Arc<Counters>,
    ) -> Self {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        Self {
            name,
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            overflow,
            members: (0..shards).map(|_| AtomicUsize::new(0)).collect(),
            order: Mutex::new(()),
            counters,
        }
    }

    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// What becomes of messages that a member has no room for.
    pub(crate) fn overflow(&self) -> Overflow {
        self.overflow
    }

    /// Members on this node.
    pub(crate) fn members(&self) -> usize {
        self.members
            .iter()
            .map(|members| members.load(Ordering::Acquire))
            .sum()
    }

    pub(crate) fn interests(&self, shard: usize) -> bool {
        self.members[shard].load(Ordering::Acquire) > 0
    }

    pub(crate) fn joined(&self, shard: usize) {
        self.members[shard].fetch_add(1, Ordering::AcqRel);
        self.counters.joined();
    }

    pub(crate) fn left(&self, shard: usize) {
        self.members[shard].fetch_sub(1, Ordering::AcqRel);
        self.counters.left();
    }
}
