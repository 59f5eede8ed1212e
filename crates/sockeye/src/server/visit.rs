//! Visit: one client's HTTP, up to the upgrades that come of it.

use std::convert::Infallible;
use std::future::ready;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::Watcher;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;
use tower::Service;

use crate::config::ServerOptions;
use crate::server::App;
use crate::server::upgrade::{Accepted, Answer};

/// hyper's server, with our limits. What is not set here has limits of its own: over HTTP/2 20 streams that were reset
/// before they were served, 1,024 that a client made us reset, 5 CONTINUATION frames in a row.
pub(crate) fn http(options: &ServerOptions) -> auto::Builder<TokioExecutor> {
    // Sockets and requests that one client may have open over HTTP/2.
    const STREAMS_MAX: u32 = 128;
    // What each may send ahead of its handler. The connection has room for that from all of them: a socket that is not
    // read for a while must not stop its neighbours.
    const STREAM_BYTES: u32 = 64 * 1024;
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(options.header_timeout)
        // hyper wants at least 8 KiB.
        .max_buf_size(options.header_bytes.max(8 * 1024))
        .max_headers(options.headers);
    http.http2()
        .timer(TokioTimer::new())
        .enable_connect_protocol()
        .max_concurrent_streams(STREAMS_MAX)
        .initial_stream_window_size(STREAM_BYTES)
        .initial_connection_window_size(STREAMS_MAX * STREAM_BYTES)
        .max_header_list_size(u32::try_from(options.header_bytes).unwrap_or(u32::MAX))
        .keep_alive_interval(Duration::from_secs(20));
    http
}

/// A client and what it may ask of us.
pub(crate) struct Visit {
    pub(crate) http: auto::Builder<TokioExecutor>,
    pub(crate) app: App,
    pub(crate) header_timeout: Duration,
    pub(crate) headers: usize,
    pub(crate) peer: SocketAddr,
    pub(crate) accepted: Accepted,
}

impl Visit {
    /// Serves until the client leaves, breaks a rule, or has got its upgrade over HTTP/1.1.
    pub(crate) async fn serve(
        self,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        watcher: Watcher,
    ) {
        let asked = Arc::new(Notify::new());
        let service = TowerToHyperService::new(Introduced {
            app: self.app,
            headers: self.headers,
            peer: self.peer,
            accepted: self.accepted,
            asked: Arc::clone(&asked),
        });
        let connection = self
            .http
            .serve_connection_with_upgrades(TokioIo::new(stream), service);
        let mut connection = pin!(watcher.watch(connection.into_owned()));
        // hyper's own deadline starts when it knows which HTTP is spoken; until then this one counts.
        tokio::select! {
            outcome = &mut connection => return log(self.peer, outcome),
            () = asked.notified() => {}
            () = tokio::time::sleep(self.header_timeout) => {
                return tracing::debug!(peer = %self.peer, "no request in time");
            }
        }
        log(self.peer, connection.await);
    }
}

fn log(peer: SocketAddr, outcome: Result<(), Box<dyn std::error::Error + Send + Sync>>) {
    if let Err(error) = outcome {
        tracing::debug!(%peer, %error, "an HTTP connection ended early");
    }
}

/// The app, with each request introduced by what is known of its connection.
#[derive(Clone)]
struct Introduced {
    app: App,
    headers: usize,
    peer: SocketAddr,
    accepted: Accepted,
    asked: Arc<Notify>,
}

impl<B> Service<http::Request<B>> for Introduced
where
    App: Service<http::Request<B>, Response = Response, Error = Infallible, Future = Answer>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.app.poll_ready(cx)
    }

    fn call(&mut self, mut request: http::Request<B>) -> Answer {
        self.asked.notify_one();
        // hyper counts the lines of HTTP/1.1 and only the bytes of HTTP/2.
        if request.headers().len() > self.headers {
            let answer = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE.into_response();
            return Box::pin(ready(Ok(answer)));
        }
        let extensions = request.extensions_mut();
        extensions.insert(ConnectInfo(self.peer));
        extensions.insert(self.accepted.clone());
        self.app.call(request)
    }
}
