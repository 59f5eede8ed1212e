//! The HTTP request that opens a connection, as everybody after it sees it.

mod cookies;
mod headers;
mod origin;
mod params;
mod query;
mod rejection;
mod state;
mod url;

use std::borrow::Cow;
use std::fmt;
use std::net::SocketAddr;

use axum::extract::OriginalUri;
use http::{HeaderMap, Method, request};
use percent_encoding::percent_decode_str;

pub use crate::handshake::cookies::Cookies;
pub use crate::handshake::headers::Headers;
pub use crate::handshake::origin::OriginPolicy;
pub use crate::handshake::params::{ParamError, Params};
pub use crate::handshake::query::{Query, QueryError};
pub use crate::handshake::rejection::Rejection;
pub use crate::handshake::state::State;
use crate::handshake::url::Authority;
pub use crate::handshake::url::Url;

/// The HTTP request that opens a connection, and what has been learnt and decided about it so far.
///
/// It stays with the connection, so it is a compact copy (about 1 KiB for a browser's request) that
/// shares nothing with the buffers of the HTTP server. `Debug` shows no query, no cookie and no
/// other header that could be a credential.
pub struct Handshake {
    method: Method,
    /// Path and query as sent.
    target: Box<str>,
    /// The host that the request names, when it names exactly one that can be read.
    authority: Option<Box<str>>,
    headers: Headers,
    params: Params,
    state: State,
    peer: Option<SocketAddr>,
    local: Option<SocketAddr>,
    secure: bool,
    subprotocol: Option<Box<str>>,
    response_headers: Option<Box<HeaderMap>>,
}

impl Handshake {
    /// Copies what is needed out of a request.
    ///
    /// `peer` and `local` are the two ends of the transport where it has addresses; `secure` tells
    /// whether it is TLS.
    #[must_use]
    pub fn from_parts(
        parts: &request::Parts,
        peer: Option<SocketAddr>,
        local: Option<SocketAddr>,
        secure: bool,
    ) -> Self {
        let headers = Headers::copy_of(&parts.headers);
        // A service that an axum router is asked through sees the rest of the path; the client asked for the whole.
        let uri = match parts.extensions.get::<OriginalUri>() {
            Some(OriginalUri(uri)) => uri,
            None => &parts.uri,
        };
        // The request line goes before the header (RFC 9112 section 3.2.2); HTTP/2 has `:authority`
        // there.
        let authority = match uri.authority() {
            Some(authority) => Some(authority.as_str()),
            None => sole(headers.get_all_bytes("host")).and_then(|host| str::from_utf8(host).ok()),
        };
        Self {
            method: parts.method.clone(),
            target: uri
                .path_and_query()
                .map_or("", |target| target.as_str())
                .into(),
            authority: authority
                .filter(|text| Authority::parse(text).is_some())
                .map(Box::from),
            headers,
            params: Params::default(),
            state: State::default(),
            peer,
            local,
            secure,
            subprotocol: None,
            response_headers: None,
        }
    }

    /// Returns the method: GET, or CONNECT over HTTP/2 (RFC 8441).
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Returns the URL that the client asked for.
    #[must_use]
    pub fn url(&self) -> Url<'_> {
        let authority = match (&self.authority, self.local) {
            (Some(named), _) => Cow::Borrowed(&**named),
            (None, Some(local)) => Cow::Owned(local.to_string()),
            (None, None) => Cow::Borrowed(""),
        };
        Url::new(self.secure, authority, &self.target)
    }

    /// Returns the path, percent-decoded as a whole (bytes that are not UTF-8 become U+FFFD).
    ///
    /// An encoded slash looks like any other slash here; [`params`](Self::params) keeps the two
    /// apart.
    #[must_use]
    pub fn path(&self) -> Cow<'_, str> {
        percent_decode_str(self.url().path()).decode_utf8_lossy()
    }

    /// Returns the request's headers.
    #[must_use]
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// Returns the query of the URL; without one it is empty.
    #[must_use]
    pub fn query(&self) -> Query<'_> {
        Query::new(self.url().query().unwrap_or_default())
    }

    /// Returns the cookies.
    #[must_use]
    pub fn cookies(&self) -> Cookies<'_> {
        Cookies::new(&self.headers)
    }

    /// Returns the parameters that the route took out of the path.
    #[must_use]
    pub fn params(&self) -> &Params {
        &self.params
    }

    /// Returns the text of one path parameter.
    ///
    /// # Errors
    /// [`ParamError::Missing`] when the route has no such parameter.
    pub fn param(&self, name: &str) -> Result<&str, ParamError> {
        self.params.text(name)
    }

    /// Puts the parameters of the matched route in place.
    pub(crate) fn set_params(&mut self, params: Params) {
        self.params = params;
    }

    /// Returns the client's address; `None` over transports that have none, such as Unix sockets.
    ///
    /// Behind a proxy it is the proxy's.
    #[must_use]
    pub fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// Returns the address at which the client was accepted.
    #[must_use]
    pub fn local(&self) -> Option<SocketAddr> {
        self.local
    }

    /// Tells whether the client is connected over TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// Returns the host that the request itself names, never the local address.
    pub(crate) fn named_authority(&self) -> Option<Authority<'_>> {
        self.authority.as_deref().and_then(Authority::parse)
    }

    /// Returns the values that earlier stages have left.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Returns the values that travel with the connection, to add to them.
    pub fn state_mut(&mut self) -> &mut State {
        &mut self.state
    }

    /// Returns the subprotocols that the client offers, in its order of preference.
    pub fn offered_subprotocols(&self) -> impl Iterator<Item = &str> {
        let lists = self.headers.get_all("sec-websocket-protocol");
        let names = lists.flat_map(|list| list.split(','));
        names
            .map(|name| name.trim_matches([' ', '\t']))
            .filter(|name| !name.is_empty())
    }

    /// Chooses the subprotocol of the connection; a later choice takes the place of an earlier one.
    ///
    /// # Errors
    /// [`SubprotocolError`] when the client does not offer `name`: it would end the connection over
    /// such an answer (RFC 6455 section 4.1).
    pub fn accept_subprotocol(&mut self, name: &str) -> Result<(), SubprotocolError> {
        if !self.offered_subprotocols().any(|offered| offered == name) {
            return Err(SubprotocolError {
                name: name.to_owned(),
            });
        }
        self.subprotocol = Some(name.into());
        Ok(())
    }

    /// Returns the chosen subprotocol.
    #[must_use]
    pub fn subprotocol(&self) -> Option<&str> {
        self.subprotocol.as_deref()
    }

    /// Returns the headers to send with the upgrade, such as `Set-Cookie`. Those that are part of
    /// the upgrade itself (`Connection`, `Upgrade`, `Sec-WebSocket-*`) are written by the server,
    /// whatever stands here.
    pub fn response_headers_mut(&mut self) -> &mut HeaderMap {
        self.response_headers.get_or_insert_default()
    }

    /// Takes the headers to send with the upgrade, so that an idle connection does not keep them.
    pub(crate) fn take_response_headers(&mut self) -> HeaderMap {
        self.response_headers
            .take()
            .map(|headers| *headers)
            .unwrap_or_default()
    }
}

impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handshake")
            .field("method", &self.method)
            .field("url", &self.url())
            .field("headers", &self.headers)
            .field("peer", &self.peer)
            .field("subprotocol", &self.subprotocol)
            .finish_non_exhaustive()
    }
}

/// A subprotocol was chosen that the client does not offer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "cannot choose the subprotocol `{name}`: the client does not offer it; \
     choose among offered_subprotocols()"
)]
#[non_exhaustive]
pub struct SubprotocolError {
    /// What was chosen.
    pub name: String,
}

/// Returns the item of an iterator that has exactly one.
fn sole<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    let first = items.next()?;
    items.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests;
