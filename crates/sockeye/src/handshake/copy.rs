//! Copy: a handshake kept beside the connection's own, to be looked at again.

use http::request::Parts;
use http::{Extensions, HeaderName, HeaderValue, Request};

use crate::handshake::{Handshake, Rare};

impl Handshake {
    /// Copies what stays of it after the upgrade, to look at again while the connection has its own; the user's seat
    /// stays where it is.
    pub(crate) fn copy(&self) -> Self {
        let mut headers = self.headers.clone();
        headers.settle();
        let rare = self.rare.as_ref().map(|rare| Rare {
            method: rare.method.clone(),
            response_headers: None,
            known: rare.known.copy(),
        });
        Self {
            headers,
            params: self.params.clone(),
            state: self.state.clone(),
            rare: rare.map(Box::new),
            chosen: self.chosen,
            secure: self.secure,
        }
    }

    /// Makes a request of it again, for extractors, with these extensions.
    pub(crate) fn to_parts(&self, extensions: Extensions) -> Parts {
        let (mut parts, ()) = Request::new(()).into_parts();
        parts.method = self.method().clone();
        // It was a target once.
        parts.uri = self.headers.preface().target.parse().unwrap_or_default();
        for (name, value) in self.headers.iter() {
            let name = HeaderName::from_bytes(name.as_bytes());
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value)) {
                parts.headers.append(name, value);
            }
        }
        parts.extensions = extensions;
        parts
    }
}
