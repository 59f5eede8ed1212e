//! Upgrade: from an HTTP request to a connection in the engine.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_PROTOCOL, UPGRADE,
};
use http::{HeaderMap, Version, request};
use hyper::ext::Protocol;
use hyper::upgrade::OnUpgrade;
use sockeye_protocol::handshake::{HandshakeError, Request as Judged};
use sockeye_protocol::{CloseCode, Deflate, deflate};
use tokio::sync::OwnedSemaphorePermit;
use tower::Service;

use crate::config::Refusal;
use crate::engine::{Attachment, Lifecycle, Pass};
use crate::error::Error;
use crate::group::Hub;
use crate::handler::{Admission, Refused, Start, authentication_frame};
use crate::handshake::{Handshake, Params, Rejection};
use crate::routing::Bound;
use crate::server::takeover::Taken;
use crate::socket::{Sender, Site};

/// What our own accept loop knows of a connection, left in the request's extensions.
#[derive(Clone, Debug)]
pub(crate) struct Accepted {
    pub(crate) local: Option<SocketAddr>,
    pub(crate) secure: bool,
    /// A place among the connections that may be open; the socket keeps it after HTTP is over.
    pub(crate) place: Arc<OwnedSemaphorePermit>,
}

/// Whether a request asks for a WebSocket, well-formed or not.
pub(crate) fn is_upgrade(request: &Request) -> bool {
    let asks = |value: &http::HeaderValue| {
        value
            .to_str()
            .is_ok_and(|v| v.to_ascii_lowercase().contains("websocket"))
    };
    request.headers().get_all(UPGRADE).iter().any(asks) || protocol(request.extensions()).is_some()
}

/// What an extended CONNECT asks for (RFC 8441 4).
fn protocol(extensions: &http::Extensions) -> Option<&str> {
    extensions.get::<Protocol>().map(Protocol::as_str)
}

/// What every HTTP service here answers with.
pub(crate) type Answer = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

/// A socket route as an HTTP service.
#[derive(Clone)]
pub(crate) struct SocketService {
    endpoint: Arc<dyn Bound>,
    site: Arc<Site>,
}

impl SocketService {
    pub(crate) fn new(endpoint: Arc<dyn Bound>, hub: Hub) -> Self {
        let site = Site::new(hub, Arc::clone(endpoint.options()));
        Self { endpoint, site }
    }

    async fn answer(self, request: Request) -> Result<Response, Rejection> {
        let (mut parts, _) = request.into_parts();
        let mut opening = Opening::new(&mut parts, self.site)?;
        let admitted = AssertUnwindSafe(self.endpoint.admit(&mut parts, &mut opening.handshake))
            .catch_unwind();
        let admitted =
            match tokio::time::timeout(opening.site.options.handshake_timeout, admitted).await {
                Ok(Ok(admitted)) => admitted,
                Ok(Err(_)) => Err(Rejection::internal("a handshake hook panicked")),
                Err(_) => Err(Rejection::internal(
                    "the handshake hooks took longer than their timeout",
                )),
            };
        match admitted {
            Ok(start) => opening.accept(start),
            Err(rejection) if opening.tells_over_socket() => {
                let status = rejection.status();
                let frame = authentication_frame(status, &rejection.into_detail());
                let code = CloseCode::try_from(4000 + status.as_u16()).unwrap_or(CloseCode::POLICY);
                opening.refuse(Some(frame), code)
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
        let service = self.clone();
        Box::pin(async move {
            Ok(service
                .answer(request)
                .await
                .unwrap_or_else(IntoResponse::into_response))
        })
    }
}

/// Where sockets without a route end, when they are to learn it from a close frame.
#[derive(Clone)]
pub(crate) struct UnmatchedService(Arc<Site>);

/// The close code of a path without a route.
const NO_ROUTE: CloseCode = CloseCode::new(4040);

impl UnmatchedService {
    pub(crate) fn new(hub: Hub) -> Self {
        Self(Site::new(hub, Arc::default()))
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
        let answer = opening.and_then(|opening| opening.refuse(None, NO_ROUTE));
        Box::pin(std::future::ready(Ok(
            answer.unwrap_or_else(IntoResponse::into_response)
        )))
    }
}

/// A handshake that RFC 6455 has nothing against, before anybody decided about it.
struct Opening {
    judged: Judged,
    handshake: Box<Handshake>,
    on_upgrade: OnUpgrade,
    deflate: Option<(Deflate, http::HeaderValue)>,
    place: Option<Arc<OwnedSemaphorePermit>>,
    pass: Pass,
    site: Arc<Site>,
}

impl Opening {
    fn new(parts: &mut request::Parts, site: Arc<Site>) -> Result<Self, Rejection> {
        let protocol = protocol(&parts.extensions);
        let judged = Judged::check(&parts.method, parts.version, &parts.headers, protocol)
            .map_err(|error| refused(&error))?;
        let on_upgrade = parts.extensions.remove::<OnUpgrade>().ok_or_else(|| {
            Rejection::internal(
                Error::new("the server under this route cannot upgrade connections").into_boxed(),
            )
        })?;
        let deflate = match &site.options.compression {
            Some(config) => deflate::negotiate(&parts.headers, config)
                .map_err(|error| refused(&error.into()))?,
            None => None,
        };
        let accepted = parts.extensions.get::<Accepted>();
        let (local, secure) =
            accepted.map_or((None, false), |accepted| (accepted.local, accepted.secure));
        let place = accepted.map(|accepted| Arc::clone(&accepted.place));
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|ConnectInfo(peer)| *peer);
        let mut handshake = Box::new(Handshake::from_parts(parts, peer, local, secure));
        if let Some(params) = parts.extensions.get::<Params>() {
            handshake.set_params(params.clone());
        }
        // HTTP/2 names the host in `:authority`, which hyper does not ask for (RFC 9113 8.3.1).
        if parts.version == Version::HTTP_2 && handshake.named_authority().is_none() {
            return Err(refused(&HandshakeError::Host { found: 0 }));
        }
        Ok(Self {
            judged,
            handshake,
            on_upgrade,
            deflate,
            place,
            pass: site.hub.engine().pass(),
            site,
        })
    }

    fn tells_over_socket(&self) -> bool {
        match self.site.options.refusal {
            Refusal::Http => false,
            Refusal::AcceptThenClose => true,
            Refusal::Auto => self.handshake.headers().get("origin").is_some(),
        }
    }

    fn accept(self, start: Start) -> Result<Response, Rejection> {
        self.upgrade(start)
    }

    fn refuse(
        self,
        frame: Option<serde_json::Value>,
        code: CloseCode,
    ) -> Result<Response, Rejection> {
        self.upgrade(move |admission| {
            Box::new(Refused::new(Sender::new(admission.link), frame, code))
        })
    }

    /// Answers with the upgrade, and attaches the connection once HTTP has let go of it.
    fn upgrade(
        mut self,
        start: impl FnOnce(Admission) -> Box<dyn Lifecycle> + Send + 'static,
    ) -> Result<Response, Rejection> {
        let headers = self.handshake.settle();
        let extensions = self.deflate.as_ref().map(|(_, header)| header.clone());
        let response = self
            .judged
            .response(self.handshake.subprotocol(), extensions);
        let response = with_headers(response, headers);
        tokio::spawn(async move {
            let Site { hub, options } = &*self.site;
            let upgraded = tokio::time::timeout(options.handshake_timeout, self.on_upgrade).await;
            let Ok(Ok(upgraded)) = upgraded else {
                tracing::debug!("a client left during its handshake");
                return;
            };
            let watch = hub.engine().watches_sockets();
            let Ok(taken) = Taken::from_upgraded(upgraded, watch) else {
                tracing::debug!("a client left right after its handshake");
                return;
            };
            let link = hub.engine().link(options);
            let lifecycle = start(Admission {
                link: Arc::clone(&link),
                handshake: self.handshake,
                site: Arc::clone(&self.site),
            });
            hub.engine().attach(Attachment {
                transport: taken.transport,
                received: taken.received,
                link,
                lifecycle,
                options: Arc::clone(options),
                deflate: self.deflate.map(|(agreed, _)| agreed),
                pass: self.pass,
                place: self.place,
            });
        });
        Ok(response)
    }
}

/// Adds a hook's headers, but for those that are the upgrade itself.
fn with_headers(response: http::Response<()>, headers: HeaderMap) -> Response {
    let mut response = response.map(|()| Body::empty());
    let own = [
        CONNECTION,
        UPGRADE,
        SEC_WEBSOCKET_ACCEPT,
        SEC_WEBSOCKET_EXTENSIONS,
        SEC_WEBSOCKET_PROTOCOL,
    ];
    let mut name = None;
    for (next, value) in headers {
        name = next.or(name);
        if let Some(name) = name.as_ref().filter(|name| !own.contains(name)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

fn refused(error: &HandshakeError) -> Rejection {
    error.response().map(Body::from).into()
}
