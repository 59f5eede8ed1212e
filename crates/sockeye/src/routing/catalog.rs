//! Catalog: handlers by name, for routes that come from a configuration.

use std::collections::BTreeMap;

use crate::error::{Error, ErrorKind, Result};
use crate::handler::{DefaultHandler, Endpoint, IntoEndpoint, endpoint};

/// The handlers that a configuration may name. What is no handler cannot get in: it does not compile.
///
/// ```
/// use sockeye::{Catalog, DefaultHandler, Router, endpoint};
///
/// let catalog = Catalog::new().with("plain", endpoint(|| DefaultHandler));
/// let error = Router::new().route_configured("/ws/products", Some("fancy"), &catalog).unwrap_err();
/// assert!(error.to_string().contains("expected one of: plain"));
/// ```
#[derive(Debug)]
pub struct Catalog<S = ()>(BTreeMap<String, Endpoint<S>>);

impl<S: Clone + Send + Sync + 'static> Catalog<S> {
    /// A catalog without handlers.
    #[must_use]
    pub fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Adds a handler by the name that configurations use; the last of a name counts.
    #[must_use]
    pub fn with<M>(mut self, name: impl Into<String>, handler: impl IntoEndpoint<S, M>) -> Self {
        self.0.insert(name.into(), handler.into_endpoint());
        self
    }

    pub(crate) fn find(&self, route: &str, name: Option<&str>) -> Result<Endpoint<S>> {
        let Some(name) = name else {
            return Ok(endpoint(|| DefaultHandler));
        };
        self.0.get(name).cloned().ok_or_else(|| {
            let known = self.0.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            let text = format!("cannot add the configured route {route}: found handler {name:?}, expected one of: {known}");
            Error::with(ErrorKind::Routing, text)
        })
    }
}

impl<S: Clone + Send + Sync + 'static> Default for Catalog<S> {
    fn default() -> Self {
        Self::new()
    }
}
