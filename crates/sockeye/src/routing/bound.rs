//! Bound: an endpoint with the application state it was routed with, its type erased.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use http::request;

use crate::config::Options;
use crate::handler::{Endpoint, Start};
use crate::handshake::{Handshake, Rejection};
use crate::socket::Site;

/// What [`Bound::admit`] answers with.
pub(crate) type Admitted<'a> = Pin<Box<dyn Future<Output = Result<Start, Rejection>> + Send + 'a>>;

/// An endpoint as a server sees it.
pub(crate) trait Bound: Send + Sync {
    /// Answers a request: how the handler starts, or how the client is refused.
    fn admit<'a>(
        &'a self,
        parts: &'a mut request::Parts,
        handshake: &'a mut Handshake,
        site: &'a Site,
    ) -> Admitted<'a>;

    /// Its options where these are the global ones.
    fn options_over(&self, global: &Arc<Options>) -> Arc<Options>;
}

/// The one kind of [`Bound`].
pub(crate) struct WithState<S> {
    endpoint: Endpoint<S>,
    state: S,
}

impl<S> WithState<S> {
    pub(crate) fn new(endpoint: Endpoint<S>, state: S) -> Self {
        Self { endpoint, state }
    }
}

impl<S: Clone + Send + Sync + 'static> Bound for WithState<S> {
    fn admit<'a>(
        &'a self,
        parts: &'a mut request::Parts,
        handshake: &'a mut Handshake,
        site: &'a Site,
    ) -> Admitted<'a> {
        let gate = &self.endpoint.gate;
        Box::pin(gate.admit(parts, handshake, &self.state, site))
    }

    fn options_over(&self, global: &Arc<Options>) -> Arc<Options> {
        self.endpoint.options_over(global)
    }
}
