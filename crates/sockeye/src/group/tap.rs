//! Tap: what a node's own publications are shown to before they go out.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use crate::connection::Frame;
use crate::engine::Audience;
use crate::group::GroupName;

/// Somebody who wants to see what is published.
pub(crate) trait Watch: Send + Sync {
    /// Sees a publication; true to keep it from everybody else.
    fn see(&self, group: &GroupName, frame: &Frame, audience: &Audience) -> bool;
}

/// Those who watch, for as long as they live.
#[derive(Default)]
pub(crate) struct Tap {
    /// One load for each publication while nobody watches.
    watched: AtomicBool,
    watches: Mutex<Vec<Weak<dyn Watch>>>,
}

impl Tap {
    pub(crate) fn watch(&self, watch: &Arc<dyn Watch>) {
        self.watches.lock().push(Arc::downgrade(watch));
        self.watched.store(true, Ordering::Release);
    }

    /// Shows a publication; true when somebody keeps it from the members.
    pub(crate) fn withholds(&self, group: &GroupName, frame: &Frame, audience: &Audience) -> bool {
        if !self.watched.load(Ordering::Relaxed) {
            return false;
        }
        let mut watches = self.watches.lock();
        let mut withheld = false;
        watches.retain(|watch| {
            let watch = watch.upgrade();
            withheld |= watch
                .as_ref()
                .is_some_and(|watch| watch.see(group, frame, audience));
            watch.is_some()
        });
        self.watched.store(!watches.is_empty(), Ordering::Release);
        withheld
    }
}
