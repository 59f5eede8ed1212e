//! App: a router as an HTTP service.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::{FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::CONNECTION;
use http::request::Parts;
use http::{HeaderValue, StatusCode, Version};
use hyper::body::Body as HttpBody;
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceExt};

use crate::error::Error;
use crate::group::Hub;
use crate::handshake::{Params, Rejection};
use crate::routing::{RouteService, Router, Tree, Unmatched, UrlError};
use crate::server::opening::is_upgrade;
use crate::server::upgrade::{Answer, SocketService, UnmatchedService};
use crate::socket::Site;

/// A [`Router`] ready to serve: a tower service, for `axum::Router::fallback_service` and `nest_service`, or for any
/// hyper server. Cheap to clone.
///
/// The hub is drained inside of the other server's graceful shutdown: that waits for HTTP/2 connections, which last as
/// long as the sockets on them.
///
/// ```no_run
/// # use std::time::Duration;
/// # async fn signal() {}
/// # async fn serve(listener: tokio::net::TcpListener) -> std::io::Result<()> {
/// let hub = sockeye::Hub::new();
/// let sockets = sockeye::Router::new().hub(&hub).into_service();
/// let app: axum::Router = axum::Router::new().nest_service("/ws", sockets);
/// let ending = async move {
///     signal().await;
///     hub.drain(sockeye::CloseCode::RESTART, Duration::from_secs(10)).await;
/// };
/// axum::serve(listener, app).with_graceful_shutdown(ending).await
/// # }
/// ```
#[derive(Clone)]
pub struct App(Arc<Routes>);

struct Routes {
    hub: Hub,
    sockets: Tree<Respondent>,
    pages: Tree<RouteService>,
    fallback: RouteService,
    /// Who answers sockets without a route, when that is not the HTTP beside them.
    lost: Option<RouteService>,
}

/// Who answers a request.
#[derive(Clone)]
enum Respondent {
    /// A socket route without layers. Called as what it is, it costs a connection no boxes.
    Socket(SocketService),
    Service(RouteService),
}

impl<S> Router<S> {
    /// The router as a service. Without a [`hub`](Router::hub) it gets one of its own.
    #[must_use]
    pub fn into_service(self) -> App {
        let mut parts = self.into_parts();
        let sockets = parts.settled_sockets();
        let hub = parts.hub.unwrap_or_default();
        let sockets = sockets.map_routes(|pattern, route| {
            let options = route
                .endpoint
                .options_over(&route.options.unwrap_or_default());
            let service = SocketService::new(
                route.endpoint,
                Site::new(hub.clone(), options, pattern.as_str()),
            );
            match route.layers.is_empty() {
                true => Respondent::Socket(service),
                false => {
                    let service = BoxCloneSyncService::new(service);
                    Respondent::Service(route.layers.around(service))
                }
            }
        });
        let lost = match parts.unmatched {
            Unmatched::AcceptThenClose => {
                let service = UnmatchedService::new(Site::new(
                    hub.clone(),
                    parts.options.unwrap_or_default(),
                    "",
                ));
                Some(BoxCloneSyncService::new(service))
            }
            Unmatched::NotFound => None,
        };
        let nobody = tower::service_fn(|_| async { Ok(not_found()) });
        App(Arc::new(Routes {
            sockets,
            pages: parts.pages.map(|route| route.layers.around(route.service)),
            fallback: parts
                .fallback
                .unwrap_or_else(|| BoxCloneSyncService::new(nobody)),
            lost,
            hub,
        }))
    }
}

impl<S> From<Router<S>> for App {
    fn from(router: Router<S>) -> Self {
        router.into_service()
    }
}

impl App {
    /// The hub of its connections.
    #[must_use]
    pub fn hub(&self) -> &Hub {
        &self.0.hub
    }

    /// The path of the socket route of this name; see [`Router::url`].
    ///
    /// # Errors
    /// [`UrlError`] when there is no such route, or the parameters do not fit it.
    pub fn url(&self, name: &str, params: &[(&str, &str)]) -> Result<String, UrlError> {
        self.0.sockets.url(name, params)
    }

    /// Answers any request.
    pub(crate) fn answer<B>(&self, request: http::Request<B>) -> Answer
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<axum::BoxError>,
    {
        let (mut parts, body) = request.into_parts();
        let upgrade = is_upgrade(&parts);
        let hijacks = upgrade && parts.version <= Version::HTTP_11;
        let respondent = self.dispatch(&mut parts, upgrade);
        let body = match &respondent {
            Respondent::Socket(_) => Body::empty(),
            Respondent::Service(_) => Body::new(body),
        };
        Box::pin(async move {
            let mut response = match respondent {
                Respondent::Socket(socket) => socket.answer(parts).await,
                Respondent::Service(service) => {
                    service.oneshot(Request::from_parts(parts, body)).await?
                }
            };
            if hijacks && response.status() != StatusCode::SWITCHING_PROTOCOLS {
                // A proxy that took the upgrade for granted hands on whatever follows as frames. None of it may be
                // read as a request that the proxy has not seen.
                response
                    .headers_mut()
                    .append(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok(response)
        })
    }

    /// Finds who answers: a socket for upgrades, HTTP otherwise, then the fallback, then nobody.
    fn dispatch(&self, parts: &mut Parts, upgrade: bool) -> Respondent {
        parts.extensions.insert(self.clone());
        let path = parts.uri.path();
        let socket = self.0.sockets.find(path);
        let (respondent, params) = match (socket, &self.0.lost) {
            (Some(socket), _) if upgrade => (socket.route.value().clone(), socket.params),
            (None, Some(lost)) if upgrade => return Respondent::Service(lost.clone()),
            // A plain request on a socket route: the route itself says 426.
            (socket, _) => match (self.0.pages.find(path), socket) {
                (Some(page), _) => (Respondent::Service(page.route.value().clone()), page.params),
                (None, Some(socket)) => (socket.route.value().clone(), socket.params),
                (None, None) => return Respondent::Service(self.0.fallback.clone()),
            },
        };
        parts.extensions.insert::<Params>(params);
        respondent
    }
}

/// The app that serves the request, in whatever it routes to: for the urls of its sockets, and for its hub.
///
/// ```
/// use axum::routing::get;
/// use sockeye::{App, Router};
///
/// async fn page(app: App) -> String {
///     format!("connect to {}", app.url("room", &[("room", "lobby")]).unwrap_or_default())
/// }
///
/// let routes: Router = Router::new().http("/", get(page));
/// # let _ = routes;
/// ```
impl<S: Send + Sync> FromRequestParts<S> for App {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        let app = parts.extensions.get::<Self>().cloned();
        app.ok_or_else(|| {
            let text = "cannot extract the App: the request did not come through one";
            Rejection::internal(Error::new(text).into_boxed())
        })
    }
}

fn not_found() -> Response {
    Rejection::not_found("there is nothing at this address").into_response()
}

impl<B> Service<http::Request<B>> for App
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Answer {
        self.answer(request)
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("hub", &self.0.hub)
            .finish_non_exhaustive()
    }
}
