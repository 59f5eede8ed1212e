//! Layers: ordinary tower middleware around routes.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use tower::util::BoxCloneSyncService;
use tower::{Layer, Service, ServiceExt};

/// A route as an HTTP service.
pub(crate) type RouteService = BoxCloneSyncService<Request, Response, Infallible>;

/// The layers of one route, innermost first. They see the handshake, never the messages after it.
#[derive(Clone, Default)]
pub(crate) struct Layers(Vec<Arc<dyn Fn(RouteService) -> RouteService + Send + Sync>>);

impl Layers {
    pub(crate) fn add<L>(&mut self, layer: L)
    where
        L: Layer<RouteService> + Send + Sync + 'static,
        L::Service: Service<Request, Error = Infallible> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        self.0.push(Arc::new(move |service| {
            let wrapped = layer
                .layer(service)
                .map_response(IntoResponse::into_response);
            BoxCloneSyncService::new(wrapped)
        }));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn around(&self, service: RouteService) -> RouteService {
        self.0.iter().fold(service, |service, layer| layer(service))
    }
}
