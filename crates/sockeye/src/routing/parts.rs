//! Parts: what a router is made of.

use std::sync::Arc;

use crate::config::Options;
use crate::group::Hub;
use crate::routing::bound::Bound;
use crate::routing::layers::{Layers, RouteService};
use crate::routing::{Tree, Unmatched};

/// Everything of a router that does not depend on its state.
pub(crate) struct Parts {
    pub(crate) hub: Option<Hub>,
    /// Those of all endpoints that bring none.
    pub(crate) options: Option<Arc<Options>>,
    pub(crate) sockets: Tree<SocketRoute>,
    pub(crate) pages: Tree<PageRoute>,
    pub(crate) fallback: Option<RouteService>,
    pub(crate) unmatched: Unmatched,
}

pub(crate) struct SocketRoute {
    pub(crate) endpoint: Arc<dyn Bound>,
    /// Those of the innermost router that has some, once it is nested.
    pub(crate) options: Option<Arc<Options>>,
    pub(crate) layers: Layers,
}

pub(crate) struct PageRoute {
    pub(crate) service: RouteService,
    pub(crate) layers: Layers,
}

impl Parts {
    /// The sockets, with the options of this router where they have none of an inner one.
    pub(crate) fn settled_sockets(&mut self) -> Tree<SocketRoute> {
        let options = self.options.clone();
        let sockets = std::mem::take(&mut self.sockets);
        sockets.map(|mut route| {
            route.options = route.options.or_else(|| options.clone());
            route
        })
    }
}
