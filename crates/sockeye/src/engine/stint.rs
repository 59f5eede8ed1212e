//! Stint: what a shard does inside of application code right now, for the watchdog to see.

use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};

use parking_lot::Mutex;

/// One shard's record of its calls into handlers. Only the shard writes, by plain stores; anybody may look.
///
/// On a cache line of its own, so that no other thread's writes slow the shard down.
#[derive(Debug, Default)]
#[repr(align(64))]
pub(crate) struct Stint {
    /// Grows with each call and each return: odd inside of a handler.
    count: AtomicU64,
    connection: AtomicU64,
    handler: AtomicU16,
    handlers: Mutex<Vec<&'static str>>,
}

/// A handler's place in the list of names of its shard's stint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct HandlerName(u16);

/// A call that has not returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// Tells it from all other calls of its shard.
    pub(crate) count: u64,
    /// The connection's number on its node.
    pub(crate) connection: u64,
    pub(crate) handler: &'static str,
}

impl Stint {
    /// The place of a name, which is added when it is new. There are as many names as there are handlers in the
    /// program.
    pub(crate) fn name(&self, handler: &'static str) -> HandlerName {
        let mut handlers = self.handlers.lock();
        let known = handlers.iter().position(|known| *known == handler);
        let place = known.unwrap_or_else(|| {
            handlers.push(handler);
            handlers.len() - 1
        });
        HandlerName(u16::try_from(place).unwrap_or(u16::MAX))
    }

    /// Makes a call into a handler. Four stores to a line that is the shard's own, and no look at a clock.
    pub(crate) fn call<T>(
        &self,
        handler: HandlerName,
        connection: u64,
        call: impl FnOnce() -> T,
    ) -> T {
        self.handler.store(handler.0, Ordering::Relaxed);
        self.connection.store(connection, Ordering::Relaxed);
        self.step();
        let result = call();
        self.step();
        result
    }

    fn step(&self) {
        // No read-modify-write: there is one writer.
        let count = self.count.load(Ordering::Relaxed);
        self.count.store(count + 1, Ordering::Release);
    }

    /// The call that the shard is in. Who and where are certain once a later look finds the same count: the shard has
    /// not gone on to another meanwhile.
    pub(crate) fn current(&self) -> Option<Call> {
        let count = self.count.load(Ordering::Acquire);
        if count.is_multiple_of(2) {
            return None;
        }
        let place = usize::from(self.handler.load(Ordering::Relaxed));
        let handler = self.handlers.lock().get(place).copied();
        Some(Call {
            count,
            connection: self.connection.load(Ordering::Relaxed),
            handler: handler.unwrap_or("one of more than 65,535 handlers"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{ConnectionIds, NodeId};

    #[test]
    fn a_call_is_seen_while_it_lasts_and_no_two_are_the_same() {
        let ids = ConnectionIds::new(NodeId::random());
        let (one, other) = (ids.next(), ids.next());
        let stint = Stint::default();
        let (room, echo) = (stint.name("room"), stint.name("echo"));
        assert_eq!(stint.name("room"), room);
        assert_eq!(stint.current(), None);
        let first = stint.call(room, one.local(), || stint.current()).unwrap();
        let second = stint.call(echo, other.local(), || stint.current()).unwrap();
        assert_eq!((first.handler, first.connection), ("room", one.local()));
        assert_eq!((second.handler, second.connection), ("echo", other.local()));
        assert_ne!(first.count, second.count);
        assert_eq!(stint.current(), None);
    }
}
