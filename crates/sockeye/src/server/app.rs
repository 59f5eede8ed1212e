//! App: a router as an HTTP service.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hyper::body::Body as HttpBody;
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceExt};

use crate::group::Hub;
use crate::handshake::{Params, Rejection};
use crate::routing::{RouteService, Router, Tree, Unmatched};
use crate::server::upgrade::{SocketService, UnmatchedService, is_upgrade};

/// A [`Router`] ready to serve: a tower service, for `axum::Router::fallback_service` and `nest_service`, or for any
/// hyper server. Cheap to clone.
///
/// ```
/// let hub = sockeye::Hub::new();
/// let sockets = sockeye::Router::new().hub(&hub).into_service();
/// let app: axum::Router = axum::Router::new().nest_service("/ws", sockets);
/// # let _ = app;
/// // axum::serve(listener, app).with_graceful_shutdown(signal).await?;
/// // hub.drain(CloseCode::RESTART, Duration::from_secs(10)).await;
/// ```
#[derive(Clone)]
pub struct App(Arc<Routes>);

struct Routes {
    hub: Hub,
    sockets: Tree<RouteService>,
    pages: Tree<RouteService>,
    fallback: Option<RouteService>,
    unmatched: RouteService,
}

impl<S> Router<S> {
    /// The router as a service. Without a [`hub`](Router::hub) it gets one of its own.
    #[must_use]
    pub fn into_service(self) -> App {
        let parts = self.into_parts();
        let hub = parts.hub.unwrap_or_default();
        let sockets = parts.sockets.map(|route| {
            let service = SocketService::new(route.endpoint, hub.clone());
            route.layers.around(BoxCloneSyncService::new(service))
        });
        let unmatched = match parts.unmatched {
            Unmatched::AcceptThenClose => {
                BoxCloneSyncService::new(UnmatchedService::new(hub.clone()))
            }
            _ => BoxCloneSyncService::new(tower::service_fn(|_| async { Ok(not_found()) })),
        };
        App(Arc::new(Routes {
            sockets,
            pages: parts.pages.map(|route| route.layers.around(route.service)),
            fallback: parts.fallback,
            unmatched,
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

    /// Finds who answers: a socket for upgrades, HTTP otherwise, then the fallback, then nobody.
    fn dispatch(&self, request: &mut Request) -> RouteService {
        let upgrade = is_upgrade(request);
        let path = request.uri().path();
        let socket = self.0.sockets.find(path);
        let found = match socket {
            Some(found) if upgrade => Some((found.route.value().clone(), found.params)),
            ref socket => match self.0.pages.find(path) {
                Some(found) => Some((found.route.value().clone(), found.params)),
                // A plain request on a socket route: the route itself says 426.
                None => socket
                    .as_ref()
                    .map(|found| (found.route.value().clone(), found.params.clone())),
            },
        };
        if let Some((service, params)) = found {
            request.extensions_mut().insert::<Params>(params);
            return service;
        }
        match &self.0.fallback {
            Some(fallback) => fallback.clone(),
            None if upgrade => self.0.unmatched.clone(),
            None => BoxCloneSyncService::new(tower::service_fn(|_| async { Ok(not_found()) })),
        }
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
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let mut request = request.map(Body::new);
        let service = self.dispatch(&mut request);
        Box::pin(service.oneshot(request))
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("hub", &self.0.hub)
            .finish_non_exhaustive()
    }
}
