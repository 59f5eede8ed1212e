//! Router: paths to handlers, for sockets and for the HTTP beside them.

use std::convert::Infallible;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use tower::util::BoxCloneSyncService;
use tower::{Layer, Service, ServiceExt};

use crate::config::Options;
use crate::error::{Error, ErrorKind, Result};
use crate::group::Hub;
use crate::handler::IntoEndpoint;
use crate::routing::bound::WithState;
use crate::routing::into_pattern::refuse_mistake;
use crate::routing::layers::Layers;
use crate::routing::parts::{PageRoute, Parts, SocketRoute};
use crate::routing::{Catalog, IntoPattern, Pattern, Tree, UrlError};

/// The routes of an application. `S` is the state that extractors such as `axum::extract::State` read.
///
/// A path may lead to a socket, to HTTP, or to both: a request that asks for an upgrade goes to the socket. Static
/// segments go before parameters whatever the order. A plain request on a route for sockets alone is answered with 426.
/// Serve it with [`serve`](crate::serve), or mount it into an `axum::Router` with [`into_service`](Self::into_service).
///
/// Mistakes in routes panic when the router is built, with the place of both routes of a conflict.
///
/// ```
/// use axum::extract::State;
/// use axum::routing::get;
/// use sockeye::{Path, Router, WebSocket};
///
/// #[derive(Clone)]
/// struct App { name: &'static str }
///
/// async fn echo(mut socket: WebSocket) -> sockeye::Result<()> {
///     while let Some(message) = socket.receive().await {
///         socket.send_message(message).await?;
///     }
///     Ok(())
/// }
///
/// async fn room(State(app): State<App>, Path(room): Path<String>, socket: WebSocket) {
///     socket.send(format!("this is {room} of {}", app.name));
/// }
///
/// let rooms = Router::with_state(App { name: "the house" }).route_named("room", "/{room:slug}", room);
/// let routes = Router::new()
///     .route("/echo", echo)
///     .http("/", get(|| async { "hello" }))
///     .nest_named("house", "/rooms", rooms);
/// assert_eq!(routes.url("house:room", &[("room", "attic")])?, "/rooms/attic");
/// # Ok::<(), sockeye::UrlError>(())
/// ```
pub struct Router<S = ()> {
    state: S,
    parts: Parts,
}

/// What a client gets that asks for a socket where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unmatched {
    /// HTTP 404 instead of the upgrade, unless an HTTP route or the fallback has another answer.
    #[default]
    NotFound,
    /// The upgrade, then a close with 4040, which pages in a browser can read. No fallback and no HTTP route sees it.
    AcceptThenClose,
}

impl Router {
    /// A router without routes and without state.
    #[must_use]
    pub fn new() -> Self {
        Self::with_state(())
    }
}

impl Default for Router {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Clone + Send + Sync + 'static> Router<S> {
    /// A router whose handlers and hooks can extract `state`.
    #[must_use]
    pub fn with_state(state: S) -> Self {
        let parts = Parts {
            hub: None,
            options: None,
            sockets: Tree::new(),
            pages: Tree::new(),
            fallback: None,
            unmatched: Unmatched::default(),
        };
        Self { state, parts }
    }

    /// Uses this hub, so that the rest of the program can publish to the groups of these routes.
    ///
    /// # Panics
    /// When these routes, or some nested among them, use another hub already: their groups would not meet.
    #[must_use]
    #[track_caller]
    pub fn hub(mut self, hub: &Hub) -> Self {
        self.use_hub(hub);
        self
    }

    /// Sets the options of every endpoint of this router, whenever it is added, that brings none of its own; those of a
    /// nested router win over these. An endpoint that [changes](crate::Endpoint::configure) some begins with these.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.parts.options = Some(Arc::new(options));
        self
    }

    /// Routes sockets on `pattern` to a handler: a [function](crate::FunctionHandler), or an
    /// [`endpoint`](crate::endpoint).
    ///
    /// Parameters are `{name}` or `{name:kind}` with the kinds of [`SegmentKind`](crate::SegmentKind); a
    /// [`Pattern::regex`] is taken as well. They are percent-decoded; the query is never part of them.
    ///
    /// # Panics
    /// When the pattern is no pattern, or another route takes the same paths.
    #[must_use]
    #[track_caller]
    pub fn route<M>(self, pattern: impl IntoPattern, endpoint: impl IntoEndpoint<S, M>) -> Self {
        self.add_socket(None, pattern.into_pattern(), endpoint)
    }

    /// The same with a name, from which [`url`](Self::url) makes paths.
    ///
    /// # Panics
    /// As [`route`](Self::route), and when the name is taken.
    #[must_use]
    #[track_caller]
    pub fn route_named<M>(
        self,
        name: &str,
        pattern: impl IntoPattern,
        endpoint: impl IntoEndpoint<S, M>,
    ) -> Self {
        self.add_socket(Some(name), pattern.into_pattern(), endpoint)
    }

    /// Routes sockets on `pattern` to the handler that a configuration names; `None` is the default handler.
    ///
    /// # Errors
    /// `Routing`, naming the route and the handlers there are, when the catalog has no such handler or the pattern
    /// cannot be added.
    #[track_caller]
    pub fn route_configured(
        mut self,
        pattern: &str,
        handler: Option<&str>,
        catalog: &Catalog<S>,
    ) -> Result<Self> {
        let place = Location::caller();
        let endpoint = catalog.find(pattern, handler)?;
        let refused = |error: &dyn fmt::Display| {
            Error::with(
                ErrorKind::Routing,
                format!("cannot add the configured route {pattern}: {error}"),
            )
        };
        let parsed = Pattern::parse(pattern).map_err(|error| refused(&error))?;
        let route = self.socket_route(endpoint);
        let added = self.parts.sockets.insert(parsed, None, place, route);
        added.map_err(|error| refused(&error))?;
        Ok(self)
    }

    /// Routes HTTP on `pattern`: axum's handlers and extractors, but with [`Path`](crate::Path) for the parameters, as
    /// axum's own knows only axum's routes. The same pattern may lead to a socket too.
    ///
    /// # Panics
    /// As [`route`](Self::route).
    #[must_use]
    #[track_caller]
    pub fn http(mut self, pattern: impl IntoPattern, methods: MethodRouter<S, Infallible>) -> Self {
        let service: MethodRouter = methods.with_state(self.state.clone());
        let route = PageRoute {
            service: BoxCloneSyncService::new(service),
            layers: Layers::default(),
        };
        let added =
            self.parts
                .pages
                .insert(pattern.into_pattern(), None, Location::caller(), route);
        refuse_mistake(added);
        self
    }

    /// Adds the routes of another router below a prefix, with their own state, hooks and layers. What becomes of
    /// unmatched sockets stays the decision of this router; the hub is one for all.
    ///
    /// # Panics
    /// When a route of the other conflicts with one of these, when it uses another hub, or when it has a fallback.
    #[must_use]
    #[track_caller]
    pub fn nest<T>(self, prefix: &str, router: Router<T>) -> Self {
        self.nest_in(None, prefix, router)
    }

    /// The same, with the names of the other router in a namespace: `room` becomes `chat:room`.
    ///
    /// # Panics
    /// As [`nest`](Self::nest).
    #[must_use]
    #[track_caller]
    pub fn nest_named<T>(self, namespace: &str, prefix: &str, router: Router<T>) -> Self {
        self.nest_in(Some(namespace), prefix, router)
    }

    /// Hands everything that no route takes to another HTTP service, such as an `axum::Router`.
    #[must_use]
    pub fn fallback<F>(mut self, service: F) -> Self
    where
        F: Service<Request, Error = Infallible> + Clone + Send + Sync + 'static,
        F::Response: IntoResponse + 'static,
        F::Future: Send + 'static,
    {
        let service = service.map_response(IntoResponse::into_response);
        self.parts.fallback = Some(BoxCloneSyncService::new(service));
        self
    }

    /// Decides what becomes of sockets that no route takes.
    #[must_use]
    pub fn unmatched(mut self, unmatched: Unmatched) -> Self {
        self.parts.unmatched = unmatched;
        self
    }

    /// Wraps a tower layer around the routes added so far, nested ones included, outside of the layers they have; routes
    /// that come later are not touched, nor is the fallback. It sees the handshake and its answer, which it may change
    /// or give itself, never the messages after it. What it puts into the request's extensions can be extracted by
    /// handlers and hooks.
    ///
    /// ```
    /// use axum::extract::Request;
    /// use axum::middleware::{Next, from_fn};
    /// use axum::response::{IntoResponse, Response};
    /// use http::StatusCode;
    /// use sockeye::{DefaultHandler, Router, endpoint};
    ///
    /// async fn in_office_hours(request: Request, next: Next) -> Response {
    ///     match request.headers().contains_key("x-night-pass") {
    ///         true => next.run(request).await,
    ///         false => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    ///     }
    /// }
    ///
    /// let office = Router::new()
    ///     .route("/desk", endpoint(|| DefaultHandler))
    ///     .layer(from_fn(in_office_hours));
    /// let routes: Router = Router::new().nest("/office", office);
    /// # let _ = routes;
    /// ```
    #[must_use]
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<RouteBox> + Clone + Send + Sync + 'static,
        L::Service: Service<Request, Error = Infallible> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        let wrap = |layers: &mut Layers| layers.add(layer.clone());
        self.parts.sockets = self.parts.sockets.map(|mut route| {
            wrap(&mut route.layers);
            route
        });
        self.parts.pages = self.parts.pages.map(|mut route| {
            wrap(&mut route.layers);
            route
        });
        self
    }

    /// The path of the socket route of this name: `url("room", &[("room", "lobby")])`. Handlers ask the
    /// [`App`](crate::App) that serves them.
    ///
    /// # Errors
    /// [`UrlError`] when there is no such route, or the parameters do not fit it.
    pub fn url(&self, name: &str, params: &[(&str, &str)]) -> Result<String, UrlError> {
        self.parts.sockets.url(name, params)
    }

    #[track_caller]
    fn add_socket<M>(
        mut self,
        name: Option<&str>,
        pattern: Pattern,
        endpoint: impl IntoEndpoint<S, M>,
    ) -> Self {
        let route = self.socket_route(endpoint);
        refuse_mistake(
            self.parts
                .sockets
                .insert(pattern, name, Location::caller(), route),
        );
        self
    }

    fn socket_route<M>(&self, endpoint: impl IntoEndpoint<S, M>) -> SocketRoute {
        SocketRoute {
            endpoint: Arc::new(WithState::new(endpoint.into_endpoint(), self.state.clone())),
            options: None,
            layers: Layers::default(),
        }
    }

    #[track_caller]
    fn use_hub(&mut self, hub: &Hub) {
        let used = self.parts.hub.get_or_insert_with(|| hub.clone());
        if used.node() != hub.node() {
            refuse_mistake::<(), _>(Err(
                "these routes use two hubs, whose groups would not meet: give one hub to the outermost router",
            ));
        }
    }

    #[track_caller]
    fn nest_in<T>(mut self, namespace: Option<&str>, prefix: &str, mut router: Router<T>) -> Self {
        let prefix = prefix.into_pattern();
        let sockets = router.parts.settled_sockets();
        if let Some(hub) = router.parts.hub {
            self.use_hub(&hub);
        }
        if router.parts.fallback.is_some() {
            refuse_mistake::<(), _>(Err(format!(
                "the router below `{prefix}` has a fallback: give it to the outermost router, whose only one it can be"
            )));
        }
        refuse_mistake(self.parts.sockets.nest(&prefix, namespace, sockets));
        refuse_mistake(
            self.parts
                .pages
                .nest(&prefix, namespace, router.parts.pages),
        );
        self
    }
}

impl<S> Router<S> {
    pub(crate) fn into_parts(self) -> Parts {
        self.parts
    }
}

/// A route as a boxed HTTP service: what layers wrap.
pub type RouteBox = BoxCloneSyncService<Request, Response, Infallible>;

impl<S> fmt::Debug for Router<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sockets = self
            .parts
            .sockets
            .routes()
            .map(|route| route.pattern().as_str());
        let pages = self
            .parts
            .pages
            .routes()
            .map(|route| route.pattern().as_str());
        f.debug_struct("Router")
            .field("sockets", &sockets.collect::<Vec<_>>())
            .field("http", &pages.collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
