//! The HTTP request that opens a connection, as everybody after it sees it.

mod address;
mod cookies;
mod copy;
mod extract;
mod headers;
mod known;
mod origin;
mod params;
mod query;
mod rejection;
mod state;
mod texts;
mod url;

use std::borrow::Cow;
use std::fmt;
use std::net::SocketAddr;

use axum::extract::OriginalUri;
use http::{HeaderMap, Method, request};
use percent_encoding::percent_decode_str;

pub use crate::handshake::cookies::Cookies;
pub(crate) use crate::handshake::extract::extract;
pub use crate::handshake::headers::Headers;
use crate::handshake::headers::Preface;
pub(crate) use crate::handshake::known::Known;
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
    /// With the target and the addresses in the same block.
    headers: Headers,
    params: Params,
    state: State,
    /// What most requests do not have, or only until they are answered.
    rare: Option<Box<Rare>>,
    /// Which of the offered subprotocols was chosen, counted from 1; 0 is none.
    chosen: u32,
    secure: bool,
}

#[derive(Default)]
struct Rare {
    /// `None` is GET.
    method: Option<Method>,
    response_headers: Option<Box<HeaderMap>>,
    known: Known,
}

/// How the name of a subprotocol begins that is no subprotocol but carries a token: browsers can send one in no other
/// header.
const TOKEN_SUBPROTOCOL: &str = "base64url.bearer.";

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
        // A service that an axum router is asked through sees the rest of the path; the client asked for the whole.
        let uri = match parts.extensions.get::<OriginalUri>() {
            Some(OriginalUri(uri)) => uri,
            None => &parts.uri,
        };
        let preface = Preface {
            target: uri.path_and_query().map_or("", |target| target.as_str()),
            authority: uri.authority().map_or("", |authority| authority.as_str()),
            peer,
            local,
        };
        let rare = (parts.method != Method::GET).then(|| Rare {
            method: Some(parts.method.clone()),
            ..Rare::default()
        });
        Self {
            headers: Headers::copy_of(&parts.headers, &preface),
            params: Params::default(),
            state: State::default(),
            rare: rare.map(Box::new),
            chosen: 0,
            secure,
        }
    }

    /// Returns the method: GET, or CONNECT over HTTP/2 (RFC 8441).
    #[must_use]
    pub fn method(&self) -> &Method {
        let named = self.rare.as_ref().and_then(|rare| rare.method.as_ref());
        named.unwrap_or(&Method::GET)
    }

    /// Returns the URL that the client asked for.
    #[must_use]
    pub fn url(&self) -> Url<'_> {
        let authority = match (self.authority(), self.local()) {
            (Some(named), _) => Cow::Borrowed(named),
            (None, Some(local)) => Cow::Owned(local.to_string()),
            (None, None) => Cow::Borrowed(""),
        };
        Url::new(self.secure, authority, self.headers.preface().target)
    }

    /// Returns the host that the request names, when it names exactly one that can be read.
    fn authority(&self) -> Option<&str> {
        // The request line goes before the header (RFC 9112 section 3.2.2); HTTP/2 has `:authority`
        // there.
        let named = match self.headers.preface().authority {
            "" => sole(self.headers.get_all_bytes("host"))
                .and_then(|host| str::from_utf8(host).ok())?,
            line => line,
        };
        Authority::parse(named).map(|_| named)
    }

    /// Returns the path, percent-decoded as a whole (bytes that are not UTF-8 become U+FFFD).
    ///
    /// An encoded slash looks like any other slash here; [`params`](Self::params) keeps the two
    /// apart.
    #[must_use]
    pub fn path(&self) -> Cow<'_, str> {
        percent_decode_str(self.url().path()).decode_utf8_lossy()
    }

    /// Returns the request's headers. Those that speak of the upgrade alone (`Connection`, `Upgrade`,
    /// `Sec-WebSocket-Key`, `-Version`, `-Extensions`) are there until it is answered.
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
        self.headers.preface().peer
    }

    /// Returns the address at which the client was accepted.
    #[must_use]
    pub fn local(&self) -> Option<SocketAddr> {
        self.headers.preface().local
    }

    /// Tells whether the client is connected over TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// Returns the host that the request itself names, never the local address.
    pub(crate) fn named_authority(&self) -> Option<Authority<'_>> {
        self.authority().and_then(Authority::parse)
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

    /// Returns the subprotocols that the client offers, in its order of preference. Those that only carry a token
    /// (`base64url.bearer...`) are none of them, so that no answer can repeat one.
    pub fn offered_subprotocols(&self) -> impl Iterator<Item = &str> {
        self.subprotocol_names()
            .filter(|name| !name.starts_with(TOKEN_SUBPROTOCOL))
    }

    /// Returns what stands behind `base64url.bearer.` in the subprotocols that carry a token.
    pub(crate) fn subprotocol_tokens(&self) -> impl Iterator<Item = &str> {
        self.subprotocol_names()
            .filter_map(|name| name.strip_prefix(TOKEN_SUBPROTOCOL))
    }

    fn subprotocol_names(&self) -> impl Iterator<Item = &str> {
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
        let place = self
            .offered_subprotocols()
            .position(|offered| offered == name);
        self.chosen = place
            .and_then(|place| u32::try_from(place + 1).ok())
            .ok_or_else(|| SubprotocolError {
                name: name.to_owned(),
            })?;
        Ok(())
    }

    /// Returns the chosen subprotocol.
    #[must_use]
    pub fn subprotocol(&self) -> Option<&str> {
        let before = self.chosen.checked_sub(1)?;
        self.offered_subprotocols().nth(before as usize)
    }

    /// Returns the headers to send with the upgrade, such as `Set-Cookie`. Those that are part of
    /// the upgrade itself (`Connection`, `Upgrade`, `Sec-WebSocket-*`) are written by the server,
    /// whatever stands here.
    pub fn response_headers_mut(&mut self) -> &mut HeaderMap {
        self.rare
            .get_or_insert_default()
            .response_headers
            .get_or_insert_default()
    }

    /// Takes the headers to send with the upgrade, and lets go of all that only the upgrade needed:
    /// an idle connection keeps none of it.
    pub(crate) fn settle(&mut self) -> HeaderMap {
        self.headers.settle();
        let Some(rare) = &mut self.rare else {
            return HeaderMap::new();
        };
        let response_headers = rare.response_headers.take();
        if rare.method.is_none() && rare.known.is_empty() {
            self.rare = None;
        }
        response_headers.map_or_else(HeaderMap::new, |headers| *headers)
    }
}

impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handshake")
            .field("method", self.method())
            .field("url", &self.url())
            .field("headers", &self.headers)
            .field("peer", &self.peer())
            .field("subprotocol", &self.subprotocol())
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
