//! Scratch: a buffer per thread in which a message is encoded before any lock is taken.

use std::cell::Cell;

/// What a thread keeps between two messages; covers nearly all of them.
const KEPT_BYTES_MAX: usize = 64 * 1024;

thread_local! {
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Calls `work` with an empty buffer. Application code may run inside, and come here again: it gets another one.
pub(crate) fn with<T>(work: impl FnOnce(&mut Vec<u8>) -> T) -> T {
    let mut buffer = SCRATCH.take();
    buffer.clear();
    let outcome = work(&mut buffer);
    if buffer.capacity() <= KEPT_BYTES_MAX {
        SCRATCH.set(buffer);
    }
    outcome
}
