//! Tokens: credentials that are one text, wherever it travels.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;

use http::HeaderValue;
use http::request::Parts;

use crate::auth::carrier::Carrier;
use crate::auth::{Authenticator, Identity, Recognized};
use crate::handshake::{Handshake, Rejection};

/// Finds a token in the request and has it verified. The places are looked at in order, and the first that holds a token
/// is the last.
///
/// `verify` is an async function of the token that gives `Option<T>` or `Result<Option<T>, R>`: a user or an [`Identity`],
/// `None` for a token that it does not know, or the HTTP response that refuses. It never sees an empty token, nor one longer
/// than 8 KiB. Several tokens in one place, or what cannot be read, refuse the client before that. Where `verify` compares a
/// secret itself, it must do so in constant time; a lookup by the token's hash needs no care.
///
/// ```
/// use axum::extract::State;
/// use sockeye::{Endpoint, IntoEndpoint, Rejection, WebSocket, bearer};
///
/// async fn account_of(token: String) -> Result<Option<u64>, Rejection> {
///     Ok((token == "only an example").then_some(7))
/// }
///
/// async fn feed(socket: WebSocket) {
///     socket.send("welcome");
/// }
///
/// // The header of programs, the query where nothing else goes, the subprotocol of browsers.
/// let tokens = bearer(account_of).or_query("token").or_subprotocol();
/// let endpoint: Endpoint<(), u64> = feed.authenticate(tokens).subprotocols(["feed.v1"]);
/// # let _ = endpoint;
/// ```
#[derive(Clone)]
pub struct TokenAuthenticator<V> {
    carriers: Vec<Carrier>,
    verify: V,
}

/// `Authorization: Bearer <token>` (RFC 6750).
pub fn bearer<V>(verify: V) -> TokenAuthenticator<V> {
    TokenAuthenticator::new(Carrier::Scheme("Bearer"), verify)
}

/// `Authorization: Token <token>`, as Django REST framework has it.
pub fn token<V>(verify: V) -> TokenAuthenticator<V> {
    TokenAuthenticator::new(Carrier::Scheme("Token"), verify)
}

/// An API key in a header of this name.
pub fn api_key_header<V>(name: impl Into<Cow<'static, str>>, verify: V) -> TokenAuthenticator<V> {
    TokenAuthenticator::new(Carrier::Header(name.into()), verify)
}

/// An API key in the query. Queries end up in logs and histories: a long-lived key is better off in a header, and a page
/// gets in by [`Tickets`](crate::Tickets).
pub fn api_key_query<V>(name: impl Into<Cow<'static, str>>, verify: V) -> TokenAuthenticator<V> {
    TokenAuthenticator::new(Carrier::Query(name.into()), verify)
}

/// An API key in a cookie. Browsers send cookies with whatever page asks, so the endpoint's
/// [origin policy](crate::Endpoint::origin) must not be [`any`](crate::OriginPolicy::any). Of two different values neither
/// counts.
pub fn api_key_cookie<V>(name: impl Into<Cow<'static, str>>, verify: V) -> TokenAuthenticator<V> {
    TokenAuthenticator::new(Carrier::Cookie(name.into()), verify)
}

/// A token among the subprotocols, the only header that a page in a browser can fill: it offers
/// `base64url.bearer.<application>.<token>`, the token in base64url without padding, beside the subprotocol that it
/// speaks. `new WebSocket(url, ["chat.v1", "base64url.bearer.chat." + token])`.
///
/// The answer names the real subprotocol and never the token, whatever hooks choose. Browsers give up when nothing is
/// chosen, so a client that offers none that the endpoint [speaks](crate::Endpoint::subprotocols) is refused with 400.
pub fn bearer_subprotocol<V>(verify: V) -> TokenAuthenticator<V> {
    TokenAuthenticator::new(Carrier::Subprotocol, verify)
}

impl<V> TokenAuthenticator<V> {
    fn new(carrier: Carrier, verify: V) -> Self {
        let carriers = vec![carrier];
        Self { carriers, verify }
    }

    fn or(mut self, carrier: Carrier) -> Self {
        self.carriers.push(carrier);
        self
    }

    /// Else in a header of this name; see [`api_key_header`].
    #[must_use]
    pub fn or_header(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.or(Carrier::Header(name.into()))
    }

    /// Else in the query; see [`api_key_query`].
    #[must_use]
    pub fn or_query(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.or(Carrier::Query(name.into()))
    }

    /// Else in a cookie; see [`api_key_cookie`].
    #[must_use]
    pub fn or_cookie(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.or(Carrier::Cookie(name.into()))
    }

    /// Else among the subprotocols; see [`bearer_subprotocol`].
    #[must_use]
    pub fn or_subprotocol(self) -> Self {
        self.or(Carrier::Subprotocol)
    }
}

impl<S, V, Fut> Authenticator<S> for TokenAuthenticator<V>
where
    S: Sync,
    V: Fn(String) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: Recognized> + Send,
{
    type User = <Fut::Output as Recognized>::User;

    async fn authenticate(
        &self,
        handshake: &Handshake,
        parts: &mut Parts,
        _: &S,
    ) -> Result<Option<Identity<Self::User>>, Rejection> {
        for carrier in &self.carriers {
            if let Some(token) = carrier.read(handshake, parts)? {
                return (self.verify)(token).await.into_recognized();
            }
        }
        Ok(None)
    }

    fn challenges(&self) -> Vec<HeaderValue> {
        self.carriers
            .iter()
            .filter_map(Carrier::challenge)
            .collect()
    }
}

impl<V> fmt::Debug for TokenAuthenticator<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenAuthenticator")
            .field("carriers", &self.carriers)
            .finish_non_exhaustive()
    }
}
