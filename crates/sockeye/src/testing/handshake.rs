//! TestHandshake: the request of a client in a test, as its builder, and what comes of it.

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::header::{AUTHORIZATION, COOKIE, ORIGIN};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use sockeye_protocol::handshake::Offer;

use crate::config::Wire;
use crate::testing::answer::{Refused, ask, introduce};
use crate::testing::client::TestClient;
use crate::testing::dialect::Dialect;
use crate::testing::patience::Patience;
use crate::testing::pipe::pipe;
use crate::testing::server::TestServer;
use crate::testing::session::{Mover, Session};

/// The request of a client: made by [`TestServer::client`], ended by [`connect`](Self::connect) or
/// [`try_connect`](Self::try_connect). Unless it says otherwise the client is no browser: it names no origin.
///
/// ```
/// # use sockeye::testing::TestServer;
/// # use sockeye::{Router, WebSocket};
/// # async fn greet(socket: WebSocket) { socket.send("hi"); }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let server = TestServer::new(Router::new().route("/greet", greet));
/// let refused = server.client("/greet").origin("https://evil.example").try_connect().await;
/// assert_eq!(refused.unwrap_err().status, 403);
/// # }
/// ```
#[must_use = "nothing is sent before `connect` or `try_connect`"]
pub struct TestHandshake<'a> {
    server: &'a TestServer,
    path: String,
    headers: HeaderMap,
    cookies: Vec<String>,
    subprotocols: Vec<String>,
    address: Option<SocketAddr>,
    dialect: Dialect,
    waits: bool,
    patience: Patience,
}

impl<'a> TestHandshake<'a> {
    #[track_caller]
    pub(crate) fn new(server: &'a TestServer, path: &str) -> Self {
        Self {
            server,
            path: path.to_owned(),
            headers: HeaderMap::new(),
            cookies: Vec::new(),
            subprotocols: Vec::new(),
            address: None,
            dialect: Dialect::default(),
            waits: true,
            patience: Patience::new(server.waits()),
        }
    }

    /// Adds a header line.
    ///
    /// # Panics
    /// When name or value cannot stand in a header.
    #[track_caller]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let parsed = (HeaderName::try_from(name), HeaderValue::try_from(value));
        let (Ok(header), Ok(content)) = parsed else {
            let text = format!("cannot send the header {name:?}: {value:?}");
            Patience::new(self.patience.longest).fail(&text)
        };
        self.headers.append(header, content);
        self
    }

    /// Adds a cookie.
    pub fn cookie(mut self, name: &str, value: &str) -> Self {
        self.cookies.push(format!("{name}={value}"));
        self
    }

    /// Offers a subprotocol, after those offered before.
    pub fn subprotocol(mut self, name: &str) -> Self {
        self.subprotocols.push(name.to_owned());
        self
    }

    /// Adds a parameter to the query, encoded.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.path.push(match self.path.contains('?') {
            true => '&',
            false => '?',
        });
        let mut pair = form_urlencoded::Serializer::new(String::new());
        self.path.push_str(&pair.append_pair(name, value).finish());
        self
    }

    /// Comes from a page in a browser, whose origin this is, such as `https://example.com`.
    ///
    /// # Panics
    /// As [`header`](Self::header).
    #[track_caller]
    pub fn origin(self, origin: &str) -> Self {
        self.header(ORIGIN.as_str(), origin)
    }

    /// Sends `Authorization: Bearer` with this token.
    ///
    /// # Panics
    /// As [`header`](Self::header).
    #[track_caller]
    pub fn bearer(self, token: &str) -> Self {
        self.header(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    /// Comes from this address. By default each client has one of its own on 127.0.0.1.
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = Some(address);
        self
    }

    /// How long the client waits for anything, in tokio's time. Defaults to the [server's](TestServer::patience).
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience.longest = patience;
        self
    }

    /// Speaks typed messages with these keys, as the endpoint's [`Options::wire`](crate::Options::wire) says.
    pub fn wire(mut self, wire: Wire) -> Self {
        self.dialect = Dialect::new(wire);
        self
    }

    /// Is connected once the handshake is answered, and does not wait for `on_connect`: to send while that runs.
    pub fn at_once(mut self) -> Self {
        self.waits = false;
        self
    }

    /// Connects, and waits for `on_connect` to be through by a ping, which the server answers after it.
    ///
    /// # Panics
    /// When the handshake is refused, naming status and body, or does not end in time.
    pub fn connect(self) -> impl Future<Output = TestClient> + use<'a> {
        let patience = self.patience;
        async move {
            let path = self.path.clone();
            match self.try_connect().await {
                Ok(client) => client,
                Err(refused) => patience.fail(&format!("{path} was {refused}")),
            }
        }
    }

    /// The same where a refusal is expected.
    ///
    /// # Errors
    /// [`Refused`], the HTTP response that came instead of the upgrade.
    ///
    /// # Panics
    /// When the handshake does not end in time, or its answer breaks the protocol.
    pub async fn try_connect(self) -> Result<TestClient, Refused> {
        let patience = self.patience;
        let what = format!("the handshake of {}", self.path);
        patience.wait(&what, String::new, self.run()).await
    }

    async fn run(mut self) -> Result<TestClient, Refused> {
        let patience = self.patience;
        let offer = self.offer();
        let (ours, theirs) = pipe();
        let address = self.address.unwrap_or_else(|| self.server.next_address());
        self.server.admit(theirs, address).await;
        let answer = match ask(ours, self.request(&offer)).await {
            Ok(answer) => answer,
            Err(error) => patience.fail(&format!("{} found no HTTP answer: {error}", self.path)),
        };
        if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(answer.refused().await);
        }
        let agreed = offer.check_response(answer.status(), answer.headers());
        let subprotocol = match agreed {
            Ok(agreed) => agreed.subprotocol,
            Err(error) => patience.fail(&format!("{}: {error}", self.path)),
        };
        let headers = answer.headers().clone();
        let Some((pipe, early)) = answer.upgraded().await else {
            patience.fail(&format!("{}: the connection broke at once", self.path))
        };
        let session = Arc::new(Session::new(&pipe));
        let floor = Arc::clone(self.server.floor());
        floor.enter(&session);
        let mover = tokio::spawn(Mover::new(pipe, Arc::clone(&session), early));
        if self.waits {
            let ping = session.write(1, |endpoint, out, workspace| {
                endpoint.ping(b"", out, &mut workspace.outbound)
            });
            if ping.is_ok() {
                session.answered().await;
            }
        }
        Ok(TestClient {
            session,
            floor,
            mover: mover.abort_handle(),
            patience: patience.longest,
            headers,
            dialect: self.dialect.agreed(subprotocol.as_deref()),
            subprotocol,
        })
    }

    fn offer(&mut self) -> Offer {
        let nonce = *uuid::Uuid::new_v4().as_bytes();
        let offer = Offer::new(nonce);
        let subprotocols = std::mem::take(&mut self.subprotocols);
        subprotocols
            .iter()
            .fold(offer, |offer, name| offer.subprotocol(name))
    }

    fn request(&mut self, offer: &Offer) -> Request<Body> {
        let mut request = Request::new(Body::empty());
        match self.path.parse() {
            Ok(uri) => *request.uri_mut() = uri,
            Err(error) => {
                let path = &self.path;
                self.patience.fail(&format!("{path:?} is no path: {error}"))
            }
        }
        let headers = request.headers_mut();
        headers.extend(offer.headers());
        headers.extend(std::mem::take(&mut self.headers));
        if !self.cookies.is_empty() {
            match HeaderValue::try_from(self.cookies.join("; ")) {
                Ok(cookies) => drop(headers.append(COOKIE, cookies)),
                Err(error) => self
                    .patience
                    .fail(&format!("cannot send the cookies: {error}")),
            }
        }
        introduce(request)
    }
}

impl fmt::Debug for TestHandshake<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestHandshake")
            .field("path", &self.path)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}
