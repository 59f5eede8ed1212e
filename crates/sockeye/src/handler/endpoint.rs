//! Endpoint: a handler with everything that was decided about its connections.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use http::request::Parts;

use crate::config::{Choice, Options};
use crate::engine::{Lifecycle, Link};
use crate::handler::hook::{Acceptance, ErasedHook, HandshakeHook};
use crate::handshake::{Handshake, OriginPolicy, Rejection};
use crate::socket::{Peer, Sender, Site};

/// A connection that was admitted and upgraded, on its way to its handler.
pub(crate) struct Admission {
    pub(crate) link: Arc<Link>,
    pub(crate) handshake: Box<Handshake>,
    pub(crate) site: Arc<Site>,
}

impl Admission {
    pub(crate) fn into_peer(self) -> Peer {
        let sender = Sender::new(self.link);
        Peer::new(sender, self.site, *self.handshake)
    }
}

/// Starts the handler of an admitted connection.
pub(crate) type Start = Box<dyn FnOnce(Admission) -> Box<dyn Lifecycle> + Send>;

/// What an accepting handler answers with.
pub(crate) type Accepted<'a> = Pin<Box<dyn Future<Output = Result<Start, Rejection>> + Send + 'a>>;

/// A handler of any kind, before the upgrade: it may refuse, or say how it starts.
pub(crate) trait Accept<S>: Send + Sync {
    fn accept<'a>(
        &'a self,
        parts: &'a mut Parts,
        handshake: &'a mut Handshake,
        state: &'a S,
    ) -> Accepted<'a>;
}

/// A handler and its policies, ready to be routed to. Made by [`endpoint`](crate::endpoint) and
/// [`endpoint_with`](crate::endpoint_with) from a trait handler, and from a function by any of the methods of
/// [`IntoEndpoint`].
///
/// A handshake passes, in this order: the [origin policy](Self::origin), the hooks in the order in which
/// [`handshake`](Self::handshake) and [`accept`](Self::accept) added them, the extractors of the handler, its
/// [`on_handshake`](crate::Handler::on_handshake). The first that refuses is the answer; together they have the
/// handshake timeout. None of them can be skipped, however the route is served.
///
/// ```
/// use sockeye::{Endpoint, IntoEndpoint, Options, OriginPolicy, Path, Rejection, WebSocket};
///
/// #[derive(Clone)]
/// struct Thing { name: String }
///
/// async fn load(Path(id): Path<u64>) -> Result<Thing, Rejection> {
///     match id {
///         7 => Ok(Thing { name: "seven".to_owned() }),
///         id => Err(Rejection::not_found(format!("there is no thing {id}"))),
///     }
/// }
///
/// async fn show(socket: WebSocket) {
///     if let Some(thing) = socket.state().get::<Thing>() {
///         socket.send(thing.name.as_str());
///     }
/// }
///
/// let mut options = Options::default();
/// options.message_bytes = 64 * 1024;
/// let endpoint: Endpoint = show
///     .handshake(load)
///     .origin(OriginPolicy::allow(["https://example.com"]))
///     .options(options);
/// # let _ = endpoint;
/// ```
pub struct Endpoint<S = ()> {
    accept: Arc<dyn Accept<S>>,
    hooks: Vec<Arc<dyn ErasedHook<S>>>,
    options: Choice,
    origin: OriginPolicy,
    subprotocols: Vec<Cow<'static, str>>,
}

impl<S: Clone + Send + Sync + 'static> Endpoint<S> {
    pub(crate) fn new(accept: impl Accept<S> + 'static) -> Self {
        Self {
            accept: Arc::new(accept),
            hooks: Vec::new(),
            options: Choice::default(),
            origin: OriginPolicy::default(),
            subprotocols: Vec::new(),
        }
    }

    /// Sets the limits, timeouts and policies of its connections, all at once: what was set before is forgotten, and the
    /// [router's](crate::Router::options) do not count. See [`configure`](Self::configure) to change some.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = Choice::whole(options);
        self
    }

    /// Changes some of the options: those that were [set](Self::options) before, else the
    /// [router's](crate::Router::options). Changes follow each other.
    ///
    /// ```
    /// use sockeye::{IntoEndpoint, Options, Router, WebSocket};
    ///
    /// async fn upload(mut socket: WebSocket) {
    ///     while socket.receive().await.is_some() {}
    /// }
    ///
    /// let mut global = Options::default();
    /// global.message_bytes = 4096;
    /// let routes: Router = Router::new()
    ///     .options(global)
    ///     .route("/upload", upload.configure(|options| options.message_bytes = 16 << 20));
    /// # let _ = routes;
    /// ```
    #[must_use]
    pub fn configure(mut self, change: impl Fn(&mut Options) + Send + Sync + 'static) -> Self {
        self.options.change(change);
        self
    }

    /// Sets which pages may connect; by default only those of the same origin.
    #[must_use]
    pub fn origin(mut self, policy: OriginPolicy) -> Self {
        self.origin = policy;
        self
    }

    /// Names the subprotocols it speaks, the preferred one first. The first that a client offers is chosen, unless a
    /// hook chooses; a client that offers none of them is accepted without one. Handlers see the choice in
    /// [`Peer::subprotocol`](crate::Peer::subprotocol).
    #[must_use]
    pub fn subprotocols<P: Into<Cow<'static, str>>>(
        mut self,
        names: impl IntoIterator<Item = P>,
    ) -> Self {
        self.subprotocols = names.into_iter().map(Into::into).collect();
        self
    }

    /// Adds a hook that runs before the upgrade, after those added before.
    ///
    /// It is an async function of up to five extractors that gives `Result<T, R>`. `T` is left for everybody after it:
    /// in the connection's [`state`](crate::Context::state), and for hooks and functions as `axum::Extension<T>`. `R`
    /// is the HTTP response that the client gets instead: a [`Rejection`], a `sockeye::Error` (500 without its text,
    /// unless it was [`refused`](crate::Error::refused)), anything that axum takes as one. A panic is 500.
    #[must_use]
    pub fn handshake<M>(mut self, hook: impl HandshakeHook<S, M>) -> Self {
        self.hooks.push(hook.erase());
        self
    }

    /// Adds a look at the request before the upgrade, in order with the hooks added before: chooses a subprotocol, adds
    /// response headers, leaves values in the state, or refuses. The plain form of
    /// [`Handler::on_handshake`](crate::Handler::on_handshake), for functions.
    ///
    /// ```
    /// use sockeye::{IntoEndpoint, Router, WebSocket};
    ///
    /// async fn feed(socket: WebSocket) {
    ///     socket.send("welcome");
    /// }
    ///
    /// let feed = feed.accept(|handshake| {
    ///     let cookie = http::HeaderValue::from_static("seen=1; Path=/");
    ///     handshake.response_headers_mut().insert(http::header::SET_COOKIE, cookie);
    ///     Ok(())
    /// });
    /// # let _: Router = Router::new().route("/feed", feed);
    /// ```
    #[must_use]
    pub fn accept(
        mut self,
        look: impl Fn(&mut Handshake) -> Result<(), Rejection> + Send + Sync + 'static,
    ) -> Self {
        self.hooks.push(Arc::new(Acceptance(look)));
        self
    }

    /// The answer to a request: how the handler starts, or how the client is refused.
    pub(crate) async fn admit(
        &self,
        parts: &mut Parts,
        handshake: &mut Handshake,
        state: &S,
    ) -> Result<Start, Rejection> {
        self.origin.check(handshake)?;
        for hook in &self.hooks {
            hook.run(parts, handshake, state).await?;
        }
        let start = self.accept.accept(parts, handshake, state).await?;
        if handshake.subprotocol().is_none() {
            let speaks = |name: &Cow<'static, str>| {
                handshake
                    .offered_subprotocols()
                    .any(|offered| offered == name)
            };
            if let Some(name) = self.subprotocols.iter().find(|name| speaks(name)) {
                handshake.accept_subprotocol(name)?;
            }
        }
        Ok(start)
    }

    /// Its options where these are the global ones.
    pub(crate) fn options_over(&self, global: &Arc<Options>) -> Arc<Options> {
        self.options.over(global)
    }
}

impl<S> Clone for Endpoint<S> {
    fn clone(&self) -> Self {
        Self {
            accept: Arc::clone(&self.accept),
            hooks: self.hooks.clone(),
            options: self.options.clone(),
            origin: self.origin.clone(),
            subprotocols: self.subprotocols.clone(),
        }
    }
}

impl<S> fmt::Debug for Endpoint<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("options", &self.options)
            .field("origin", &self.origin)
            .field("subprotocols", &self.subprotocols)
            .field("hooks", &self.hooks.len())
            .finish_non_exhaustive()
    }
}

/// What can be routed to: an [`Endpoint`], or a function handler, of which these methods make one. Import it to call
/// them on functions: `use sockeye::IntoEndpoint;`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot handle a socket",
    label = "neither an endpoint nor a function handler",
    note = "a function handler is an `async fn` whose last argument is `WebSocket`, whose at most five arguments before \
            it are extractors (`sockeye::Path`, `axum::extract::{{Query, State}}`, ...), and which gives `()` or \
            `sockeye::Result<()>`",
    note = "`State<T>` needs a router that was made by `Router::with_state` with a `T`",
    note = "a type that implements `Handler` is wrapped: `endpoint(|| MyHandler::new())`"
)]
pub trait IntoEndpoint<S, M>: Sized
where
    S: Clone + Send + Sync + 'static,
{
    /// The endpoint it is.
    fn into_endpoint(self) -> Endpoint<S>;

    /// As [`Endpoint::options`].
    fn options(self, options: Options) -> Endpoint<S> {
        self.into_endpoint().options(options)
    }

    /// As [`Endpoint::configure`].
    fn configure(self, change: impl Fn(&mut Options) + Send + Sync + 'static) -> Endpoint<S> {
        self.into_endpoint().configure(change)
    }

    /// As [`Endpoint::origin`].
    fn origin(self, policy: OriginPolicy) -> Endpoint<S> {
        self.into_endpoint().origin(policy)
    }

    /// As [`Endpoint::subprotocols`].
    fn subprotocols<P: Into<Cow<'static, str>>>(
        self,
        names: impl IntoIterator<Item = P>,
    ) -> Endpoint<S> {
        self.into_endpoint().subprotocols(names)
    }

    /// As [`Endpoint::accept`].
    fn accept(
        self,
        look: impl Fn(&mut Handshake) -> Result<(), Rejection> + Send + Sync + 'static,
    ) -> Endpoint<S> {
        self.into_endpoint().accept(look)
    }

    /// As [`Endpoint::handshake`].
    fn handshake<N>(self, hook: impl HandshakeHook<S, N>) -> Endpoint<S> {
        self.into_endpoint().handshake(hook)
    }
}

/// Tells the two kinds of [`IntoEndpoint`] apart.
#[derive(Debug)]
pub struct AlreadyEndpoint;

impl<S: Clone + Send + Sync + 'static> IntoEndpoint<S, AlreadyEndpoint> for Endpoint<S> {
    fn into_endpoint(self) -> Self {
        self
    }
}
