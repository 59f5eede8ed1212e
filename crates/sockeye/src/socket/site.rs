//! Site: what all connections of one endpoint have in common.

use std::sync::Arc;

use crate::config::Options;
use crate::group::Hub;

/// Where a connection lives and by which rules, shared so that each holds one pointer to it.
pub(crate) struct Site {
    pub(crate) hub: Hub,
    pub(crate) options: Arc<Options>,
    /// The pattern of the route, for the log.
    pub(crate) route: Box<str>,
}

impl Site {
    pub(crate) fn new(hub: Hub, options: Arc<Options>, route: &str) -> Arc<Self> {
        let route = route.into();
        Arc::new(Self {
            hub,
            options,
            route,
        })
    }
}
