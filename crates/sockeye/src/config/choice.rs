//! Choice: what an endpoint says of its options, all of them or changes to the global ones.

use std::fmt;
use std::sync::Arc;

use crate::config::Options;

type Change = Arc<dyn Fn(&mut Options) + Send + Sync>;

/// The options that an endpoint brings, and what it changes.
#[derive(Clone, Default)]
pub(crate) struct Choice {
    whole: Option<Arc<Options>>,
    changes: Vec<Change>,
}

impl Choice {
    /// These and no others.
    pub(crate) fn whole(options: Options) -> Self {
        Self {
            whole: Some(Arc::new(options)),
            changes: Vec::new(),
        }
    }

    /// One more change, after those before.
    pub(crate) fn change(&mut self, change: impl Fn(&mut Options) + Send + Sync + 'static) {
        self.changes.push(Arc::new(change));
    }

    /// What that comes to where these are the global ones.
    pub(crate) fn over(&self, global: &Arc<Options>) -> Arc<Options> {
        let mut options = Arc::clone(self.whole.as_ref().unwrap_or(global));
        for change in &self.changes {
            change(Arc::make_mut(&mut options));
        }
        options
    }
}

impl fmt::Debug for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Choice")
            .field("whole", &self.whole)
            .field("changes", &self.changes.len())
            .finish()
    }
}
