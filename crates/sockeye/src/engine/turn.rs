//! Turn: the connection that is being driven on this thread, and the buffer that takes its messages without a lock.

use std::cell::{Cell, RefCell};

/// No connection has this address.
const NOBODY: usize = 0;

thread_local! {
    static LINK: Cell<usize> = const { Cell::new(NOBODY) };
    static ENGINE: Cell<usize> = const { Cell::new(NOBODY) };
    static FRAMES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Begins the turn of the connection whose link has this address, in the engine at that one; what it sends on this thread
/// goes to `frames`, after what stands there.
pub(crate) fn begin(engine: usize, link: usize, frames: Vec<u8>) {
    FRAMES.replace(frames);
    ENGINE.set(engine);
    LINK.set(link);
}

/// Ends the turn and gives what was sent in it.
pub(crate) fn end() -> Vec<u8> {
    LINK.set(NOBODY);
    ENGINE.set(NOBODY);
    FRAMES.take()
}

/// Whether it is the turn of the connection whose link has this address.
pub(crate) fn is(link: usize) -> bool {
    LINK.get() == link
}

/// Whether it is the turn of any connection of the engine at this address.
pub(crate) fn is_in(engine: usize) -> bool {
    ENGINE.get() == engine
}

/// Calls `write` with the buffer when it is that connection's turn. Application code may run inside and send in its
/// turn: that is refused here, and goes the long way.
pub(crate) fn with<T>(link: usize, write: impl FnOnce(&mut Vec<u8>) -> T) -> Option<T> {
    if !is(link) {
        return None;
    }
    FRAMES.with(|frames| {
        let mut frames = frames.try_borrow_mut().ok()?;
        let kept = frames.len();
        let mut whole = Whole {
            frames: &mut frames,
            kept,
        };
        let outcome = write(whole.frames);
        whole.kept = whole.frames.len();
        Some(outcome)
    })
}

/// The buffer while it is written to; keeps no half of a message when the writer panics.
struct Whole<'a> {
    frames: &'a mut Vec<u8>,
    kept: usize,
}

impl Drop for Whole<'_> {
    fn drop(&mut self) {
        self.frames.truncate(self.kept);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[test]
    fn only_the_connection_whose_turn_it_is_writes() {
        begin(9, 1, b"a".to_vec());
        assert_eq!(with(2, |frames| frames.push(b'x')), None);
        assert_eq!(with(1, |frames| frames.push(b'b')), Some(()));
        assert!(is_in(9) && !is_in(1));
        assert_eq!(end(), b"ab");
        assert_eq!(with(1, |frames| frames.push(b'x')), None);
        assert!(!is_in(9));
    }

    #[test]
    fn a_writer_that_sends_itself_is_sent_the_long_way() {
        begin(9, 1, Vec::new());
        with(1, |frames| {
            assert_eq!(with(1, |inside| inside.push(b'x')), None);
            frames.push(b'a');
        });
        assert_eq!(end(), b"a");
    }

    #[test]
    fn a_writer_that_panics_leaves_whole_messages() {
        begin(9, 1, b"a".to_vec());
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            with(1, |frames| {
                frames.push(b'x');
                panic!("half-way");
            })
        }));
        assert!(panicked.is_err());
        assert_eq!(with(1, |frames| frames.push(b'b')), Some(()));
        assert_eq!(end(), b"ab");
    }
}
