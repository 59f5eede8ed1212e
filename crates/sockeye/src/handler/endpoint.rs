//! Endpoint: a handler with everything that was decided about its connections.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use http::request::Parts;

use crate::auth::{Authenticator, Loader, NoObject, NoUser, Permission};
use crate::config::{Choice, Options};
use crate::engine::{Lifecycle, Link};
use crate::group::Seat;
use crate::handler::gate::Gate;
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
        let peer = Peer::new(sender, self.site, *self.handshake);
        if let Some(seat) = Seat::of(peer.handshake()) {
            seat.open(peer.hub(), peer.sender().link());
        }
        peer
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
/// handshake timeout. None of them can be skipped, however the route is served. Authenticators, loaders and permissions
/// are hooks among the others, and run where they were added.
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
///
/// `U` and `O` are the types of its users and of the object that each connection is about, for the compiler alone: what
/// has settled them is [`authenticate`](Self::authenticate) and [`load`](Self::load).
pub struct Endpoint<S = (), U = NoUser, O = NoObject> {
    pub(crate) gate: Gate<S>,
    types: PhantomData<fn() -> (U, O)>,
}

impl<S: Clone + Send + Sync + 'static> Endpoint<S> {
    pub(crate) fn new(accept: impl Accept<S> + 'static) -> Self {
        let gate = Gate {
            accept: Arc::new(accept),
            hooks: Arc::default(),
            challenge: None,
            anonymous: false,
            options: Choice::default(),
            origin: OriginPolicy::default(),
            subprotocols: Vec::new(),
        };
        let types = PhantomData;
        Self { gate, types }
    }
}

impl<S: Clone + Send + Sync + 'static, U, O> Endpoint<S, U, O> {
    /// The same for users and objects of other types.
    pub(crate) fn about<V, P>(self) -> Endpoint<S, V, P> {
        let types = PhantomData;
        let gate = self.gate;
        Endpoint { gate, types }
    }

    pub(crate) fn push(&mut self, hook: Arc<dyn ErasedHook<S>>) {
        let hooks = self.gate.hooks.iter().cloned();
        self.gate.hooks = hooks.chain([hook]).collect();
    }

    /// Sets the limits, timeouts and policies of its connections, all at once: what was set before is forgotten, and the
    /// [router's](crate::Router::options) do not count. See [`configure`](Self::configure) to change some.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.gate.options = Choice::whole(options);
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
        self.gate.options.change(change);
        self
    }

    /// Sets which pages may connect; by default only those of the same origin.
    #[must_use]
    pub fn origin(mut self, policy: OriginPolicy) -> Self {
        self.gate.origin = policy;
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
        self.gate.subprotocols = names.into_iter().map(Into::into).collect();
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
        self.push(hook.erase());
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
        self.push(Arc::new(Acceptance(look)));
        self
    }

    /// Its options where these are the global ones.
    pub(crate) fn options_over(&self, global: &Arc<Options>) -> Arc<Options> {
        self.gate.options.over(global)
    }
}

impl<S, U, O> Clone for Endpoint<S, U, O> {
    fn clone(&self) -> Self {
        let types = PhantomData;
        let gate = self.gate.clone();
        Self { gate, types }
    }
}

impl<S, U, O> fmt::Debug for Endpoint<S, U, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gate = &self.gate;
        f.debug_struct("Endpoint")
            .field("options", &gate.options)
            .field("origin", &gate.origin)
            .field("subprotocols", &gate.subprotocols)
            .field("hooks", &gate.hooks.len())
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
    /// The endpoint it is. The types of its users and objects are of no account any more.
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

    /// As [`Endpoint::authenticate`].
    fn authenticate<N: 'static, A: Authenticator<S, N>>(
        self,
        authenticator: A,
    ) -> Endpoint<S, A::User> {
        self.into_endpoint().authenticate(authenticator)
    }

    /// As [`Endpoint::load`].
    fn load<N: 'static, L: Loader<S, N>>(self, loader: L) -> Endpoint<S, NoUser, L::Object> {
        self.into_endpoint().load(loader)
    }

    /// As [`Endpoint::permit`].
    fn permit(self, permission: impl Permission<NoUser>) -> Endpoint<S> {
        self.into_endpoint().permit(permission)
    }
}

/// Tells the two kinds of [`IntoEndpoint`] apart.
#[derive(Debug)]
pub struct AlreadyEndpoint;

impl<S, U, O> IntoEndpoint<S, AlreadyEndpoint> for Endpoint<S, U, O>
where
    S: Clone + Send + Sync + 'static,
{
    fn into_endpoint(self) -> Endpoint<S> {
        self.about()
    }
}
