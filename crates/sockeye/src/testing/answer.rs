//! Answer: what a request in a test came to, an upgrade or any other response.

use std::fmt;

use axum::body::Body;
use bytes::Bytes;
use http::header::HOST;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;

use crate::testing::pipe::Pipe;

/// A handshake that was answered by something else than the upgrade.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Refused {
    /// The status of the response.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Refused {
    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused with {}: {}", self.status, self.text())
    }
}

impl std::error::Error for Refused {}

/// Names the host, unless that was done.
pub(crate) fn introduce(mut request: Request<Body>) -> Request<Body> {
    let host = request.headers_mut().entry(HOST);
    host.or_insert(HeaderValue::from_static("localhost"));
    request
}

/// What a request came to.
pub(crate) struct Answered(Response<Incoming>);

/// Sends the one request of a connection; gives the head of its answer.
pub(crate) async fn ask(pipe: Pipe, request: Request<Body>) -> hyper::Result<Answered> {
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(pipe)).await?;
    tokio::spawn(connection.with_upgrades());
    sender.send_request(request).await.map(Answered)
}

impl Answered {
    pub(crate) fn status(&self) -> StatusCode {
        self.0.status()
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        self.0.headers()
    }

    /// The answer of who was not let in.
    pub(crate) async fn refused(self) -> Refused {
        let (parts, body) = self.collect().await.into_parts();
        Refused {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// The whole answer. One that breaks off is as long as it came.
    pub(crate) async fn collect(self) -> Response<Bytes> {
        let (parts, body) = self.0.into_parts();
        let body = body.collect().await;
        let body = body.map(|body| body.to_bytes()).unwrap_or_default();
        Response::from_parts(parts, body)
    }

    /// The stream after an upgrade, and what was read of it already.
    pub(crate) async fn upgraded(self) -> Option<(Pipe, Bytes)> {
        let upgraded = hyper::upgrade::on(self.0).await.ok()?;
        let parts = upgraded.downcast::<TokioIo<Pipe>>().ok()?;
        Some((parts.io.into_inner(), parts.read_buf))
    }
}
