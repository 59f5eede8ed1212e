//! Reference: what the client calls the message that is handled right now, for the replies to it.

use std::cell::RefCell;

thread_local! {
    static HANDLED: RefCell<Option<Box<str>>> = const { RefCell::new(None) };
}

/// Polls a hook for a message that has this reference. A thread handles one message at a time, and a hook that waits is
/// polled by this again: so no connection has to keep room for it.
pub(crate) fn during<T>(reference: &mut Option<Box<str>>, poll: impl FnOnce() -> T) -> T {
    if reference.is_none() {
        return poll();
    }
    HANDLED.set(reference.take());
    let _back = Back(reference);
    poll()
}

/// Calls `work` with the reference of the message that this thread handles.
pub(crate) fn with<T>(work: impl FnOnce(Option<&str>) -> T) -> T {
    HANDLED.with_borrow(|reference| work(reference.as_deref()))
}

/// Takes the reference back, also from a hook that panics.
struct Back<'a>(&'a mut Option<Box<str>>);

impl Drop for Back<'_> {
    fn drop(&mut self) {
        *self.0 = HANDLED.take();
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    fn seen() -> Option<String> {
        with(|reference| reference.map(str::to_owned))
    }

    #[test]
    fn a_reference_is_there_while_its_message_is_handled_and_comes_back() {
        let mut reference = Some("7".into());
        assert_eq!(during(&mut reference, seen).as_deref(), Some("7"));
        assert_eq!((reference.as_deref(), seen()), (Some("7"), None));
        assert_eq!(during(&mut None, seen), None);
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            during(&mut reference, || panic!("a hook"));
        }));
        assert!(panicked.is_err());
        assert_eq!((reference.as_deref(), seen()), (Some("7"), None));
    }
}
