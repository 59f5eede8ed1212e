//! Upgrade: the services that answer a handshake, by hooks and handlers or because there is no route.

use std::convert::Infallible;
use std::future::ready;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http::request::Parts;
use sockeye_protocol::CloseCode;
use tower::Service;

use crate::handler::authentication_frame;
use crate::handshake::Rejection;
use crate::routing::Bound;
use crate::server::opening::Opening;
use crate::socket::Site;

/// What every HTTP service here answers with.
pub(crate) type Answer = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

/// A socket route as an HTTP service.
#[derive(Clone)]
pub(crate) struct SocketService {
    endpoint: Arc<dyn Bound>,
    site: Arc<Site>,
}

impl SocketService {
    pub(crate) fn new(endpoint: Arc<dyn Bound>, site: Arc<Site>) -> Self {
        Self { endpoint, site }
    }

    /// Answers a handshake, whose body nobody needs.
    pub(crate) async fn answer(self, parts: Parts) -> Response {
        let answer = self.judge(parts).await;
        answer.unwrap_or_else(IntoResponse::into_response)
    }

    async fn judge(self, mut parts: Parts) -> Result<Response, Rejection> {
        let mut opening = Opening::new(&mut parts, self.site)?;
        let site = &opening.site;
        let admitted = self
            .endpoint
            .admit(&mut parts, &mut opening.handshake, site);
        let admitted = AssertUnwindSafe(admitted).catch_unwind();
        let admitted =
            match tokio::time::timeout(opening.site.options.handshake_timeout, admitted).await {
                Ok(Ok(admitted)) => admitted,
                Ok(Err(_)) => Err(Rejection::internal("a handshake hook panicked")),
                Err(_) => Err(Rejection::internal(
                    "the handshake hooks took longer than their timeout",
                )),
            };
        match admitted {
            Ok(start) => Ok(opening.accept(start)),
            Err(rejection) if opening.tells_over_socket() => {
                let (status, code) = (rejection.status(), rejection.close_code());
                let wire = &opening.site.options.wire;
                let frame = authentication_frame(wire, status, &rejection.into_detail());
                Ok(opening.refuse(Some(frame), code))
            }
            Err(rejection) => Err(rejection),
        }
    }
}

impl Service<Request> for SocketService {
    type Response = Response;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Answer {
        let (parts, _) = request.into_parts();
        Box::pin(self.clone().answer(parts).map(Ok))
    }
}

/// Where sockets without a route end, when they are to learn it from a close frame.
#[derive(Clone)]
pub(crate) struct UnmatchedService(Arc<Site>);

/// The close code of a path without a route.
const NO_ROUTE: CloseCode = CloseCode::new(4040);

impl UnmatchedService {
    pub(crate) fn new(site: Arc<Site>) -> Self {
        Self(site)
    }
}

impl Service<Request> for UnmatchedService {
    type Response = Response;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Answer {
        let (mut parts, _) = request.into_parts();
        let opening = Opening::new(&mut parts, Arc::clone(&self.0));
        let answer = opening.map(|opening| opening.refuse(None, NO_ROUTE));
        Box::pin(ready(
            Ok(answer.unwrap_or_else(IntoResponse::into_response)),
        ))
    }
}
