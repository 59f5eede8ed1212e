//! Opening: a handshake, judged by RFC 6455 before anybody decides about it.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_PROTOCOL, UPGRADE,
};
use http::{Extensions, HeaderMap, HeaderValue, Version, request};
use hyper::ext::Protocol;
use hyper::upgrade::OnUpgrade;
use sockeye_protocol::handshake::{HandshakeError, Request as Judged};
use sockeye_protocol::{CloseCode, Deflate, deflate};

use crate::config::Refusal;
use crate::engine::Pass;
use crate::error::Error;
use crate::handler::{Admission, Refused, Start};
use crate::handshake::{Handshake, Params, Rejection};
use crate::server::arrival::Arrival;
use crate::server::visit::Accepted;
use crate::socket::{Sender, Site};

/// Whether a request asks for a WebSocket, well-formed or not.
pub(crate) fn is_upgrade(parts: &request::Parts) -> bool {
    let asks = |value: &HeaderValue| {
        let mut words = value.as_bytes().windows(WEBSOCKET.len());
        words.any(|word| word.eq_ignore_ascii_case(WEBSOCKET))
    };
    parts.headers.get_all(UPGRADE).iter().any(asks) || protocol(&parts.extensions).is_some()
}

const WEBSOCKET: &[u8] = b"websocket";

/// What an extended CONNECT asks for (RFC 8441 4).
fn protocol(extensions: &Extensions) -> Option<&str> {
    extensions.get::<Protocol>().map(Protocol::as_str)
}

/// A handshake that RFC 6455 has nothing against.
pub(crate) struct Opening {
    pub(crate) handshake: Box<Handshake>,
    pub(crate) site: Arc<Site>,
    judged: Judged,
    on_upgrade: OnUpgrade,
    deflate: Option<(Deflate, HeaderValue)>,
    accepted: Option<Accepted>,
    pass: Pass,
}

impl Opening {
    pub(crate) fn new(parts: &mut request::Parts, site: Arc<Site>) -> Result<Self, Rejection> {
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
        // Taken out: what hooks keep of the extensions must not keep the connection's desk.
        let accepted = parts.extensions.remove::<Accepted>();
        let handshake = handshake(parts, accepted.as_ref());
        // HTTP/2 names the host in `:authority`, which hyper does not ask for (RFC 9113 8.3.1).
        if parts.version == Version::HTTP_2 && handshake.named_authority().is_none() {
            return Err(refused(&HandshakeError::Host { found: 0 }));
        }
        Ok(Self {
            handshake,
            judged,
            on_upgrade,
            deflate,
            accepted,
            pass: site.hub.engine().pass(),
            site,
        })
    }

    /// Whether a refusal is told by a close frame, to who can read no HTTP.
    pub(crate) fn tells_over_socket(&self) -> bool {
        match self.site.options.refusal {
            Refusal::Http => false,
            Refusal::AcceptThenClose => true,
            Refusal::Auto => self.handshake.headers().get("origin").is_some(),
        }
    }

    /// Answers with the upgrade, and lets a handler that only says why it goes have the connection.
    pub(crate) fn refuse(self, frame: Option<serde_json::Value>, code: CloseCode) -> Response {
        self.accept(Box::new(move |admission: Admission| {
            Box::new(Refused::new(Sender::new(admission.link), frame, code))
        }))
    }

    /// Answers with the upgrade; the handler starts once HTTP has let go of the connection.
    pub(crate) fn accept(mut self, start: Start) -> Response {
        let headers = self.handshake.settle();
        let (deflate, extensions) = self.deflate.unzip();
        let response = self
            .judged
            .response(self.handshake.subprotocol(), extensions);
        let arrival = Arrival {
            on_upgrade: self.on_upgrade,
            handshake: self.handshake,
            start,
            deflate,
            pass: self.pass,
            site: self.site,
        };
        match self.accepted.and_then(|accepted| accepted.desk) {
            Some(desk) => desk.leave(arrival),
            None => drop(tokio::spawn(arrival.settle(None))),
        }
        with_headers(response, headers)
    }
}

fn handshake(parts: &request::Parts, accepted: Option<&Accepted>) -> Box<Handshake> {
    let (local, secure) =
        accepted.map_or((None, false), |accepted| (accepted.local, accepted.secure));
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map(|ConnectInfo(peer)| *peer);
    let mut handshake = Box::new(Handshake::from_parts(parts, peer, local, secure));
    if let Some(params) = parts.extensions.get::<Params>() {
        handshake.set_params(params.clone());
    }
    handshake
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
