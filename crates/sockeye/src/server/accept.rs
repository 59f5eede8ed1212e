//! Server: the accept loop, with deadlines from the first byte on.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ConnectInfo;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tower::Service;

use crate::config::ServerOptions;
use crate::error::{Error, ErrorKind, Result};
use crate::server::App;
use crate::server::drain::{HTTP_GRACE, Phase, ServerHandle, end_sockets};
use crate::server::upgrade::Accepted;

/// Serves `routes` at `address` until the process is told to end: on SIGINT or SIGTERM it drains, on a second one it
/// stops at once.
///
/// ```no_run
/// #[tokio::main]
/// async fn main() -> sockeye::Result<()> {
///     let routes = sockeye::Router::new();
///     sockeye::serve("127.0.0.1:3000", routes).await
/// }
/// ```
///
/// # Errors
/// `Io` when it cannot listen there.
pub async fn serve(address: impl ToSocketAddrs, routes: impl Into<App>) -> Result<()> {
    Server::bind(address).await?.run_until_signal(routes).await
}

/// A listener with its limits, before or while it serves.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    options: ServerOptions,
    handle: ServerHandle,
    #[cfg(feature = "tls")]
    tls: Option<Arc<tokio_rustls::rustls::ServerConfig>>,
}

impl Server {
    /// Listens at `address`; port 0 takes any free one.
    ///
    /// # Errors
    /// `Io` when it cannot.
    pub async fn bind(address: impl ToSocketAddrs) -> Result<Self> {
        let listener = TcpListener::bind(address).await;
        let listener = listener
            .map_err(|error| Error::caused(ErrorKind::Io, "cannot listen at the address", error))?;
        Ok(Self::from_listener(listener))
    }

    /// Serves on a listener that is open already.
    #[must_use]
    pub fn from_listener(listener: TcpListener) -> Self {
        Self {
            listener,
            options: ServerOptions::default(),
            handle: ServerHandle::new(),
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    /// Sets limits and deadlines.
    #[must_use]
    pub fn options(mut self, options: ServerOptions) -> Self {
        self.options = options;
        self
    }

    /// Speaks TLS. ALPN should offer `h2` and `http/1.1`.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, config: Arc<tokio_rustls::rustls::ServerConfig>) -> Self {
        self.tls = Some(config);
        self
    }

    /// Where it listens.
    ///
    /// # Errors
    /// `Io` when the system does not say.
    pub fn address(&self) -> Result<SocketAddr> {
        let address = self.listener.local_addr();
        address.map_err(|error| {
            Error::caused(
                ErrorKind::Io,
                "cannot tell the address of the listener",
                error,
            )
        })
    }

    /// A handle that ends the server.
    #[must_use]
    pub fn handle(&self) -> ServerHandle {
        self.handle.clone()
    }

    /// Serves until the process is told to end: SIGINT or SIGTERM drains, a second one stops at once.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn run_until_signal(self, routes: impl Into<App>) -> Result<()> {
        let signals = tokio::spawn(self.handle().follow_signals());
        let outcome = self.run(routes).await;
        signals.abort();
        outcome
    }

    /// Serves until its [`handle`](Self::handle) is told to end; then every connection is closed and awaited.
    ///
    /// # Errors
    /// None yet; a connection that fails ends alone.
    pub async fn run(self, routes: impl Into<App>) -> Result<()> {
        let app = routes.into();
        let places = Arc::new(Semaphore::new(
            self.options.connections.min(Semaphore::MAX_PERMITS),
        ));
        let graceful = GracefulShutdown::new();
        let (listener, front) = self.split(app.clone());
        tokio::select! {
            () = front.accept(listener, &places, &graceful) => {}
            () = front.handle.reached(Phase::Draining) => {}
        }
        // The listener is gone: nobody new comes in while those inside are seen off.
        tokio::join!(
            end_sockets(app.hub(), &front.handle, &front.options),
            async {
                let http = tokio::time::timeout(
                    front.options.drain_window + HTTP_GRACE,
                    graceful.shutdown(),
                );
                tokio::select! {
                    _ = http => {}
                    () = front.handle.reached(Phase::Stopped) => {}
                }
            }
        );
        Ok(())
    }

    fn split(self, app: App) -> (TcpListener, Front) {
        let front = Front {
            http: http(&self.options),
            options: self.options,
            handle: self.handle,
            app,
            #[cfg(feature = "tls")]
            tls: self.tls.map(Into::into),
        };
        (self.listener, front)
    }
}

/// hyper's server, with our limits.
fn http(options: &ServerOptions) -> auto::Builder<TokioExecutor> {
    // What HTTP/2 may keep of one client: a few dozen sockets and a bounded heap of frames.
    const STREAMS_MAX: u32 = 128;
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
        .max_header_list_size(u32::try_from(options.header_bytes).unwrap_or(u32::MAX))
        .keep_alive_interval(Duration::from_secs(20));
    http
}

/// Everything the accept loop needs for each new connection.
struct Front {
    http: auto::Builder<TokioExecutor>,
    options: ServerOptions,
    handle: ServerHandle,
    app: App,
    #[cfg(feature = "tls")]
    tls: Option<tokio_rustls::TlsAcceptor>,
}

impl Front {
    /// Accepts for ever. A full house leaves newcomers in the kernel's queue.
    async fn accept(
        &self,
        listener: TcpListener,
        places: &Arc<Semaphore>,
        graceful: &GracefulShutdown,
    ) {
        while let Ok(place) = Arc::clone(places).acquire_owned().await {
            match listener.accept().await {
                Ok((stream, peer)) => self.welcome(stream, peer, place, graceful),
                Err(error) => {
                    // Out of file descriptors, most likely: some must come free before it is worth another try.
                    tracing::warn!(%error, "cannot accept a connection; trying again");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    fn welcome(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        place: OwnedSemaphorePermit,
        graceful: &GracefulShutdown,
    ) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%peer, %error, "cannot turn Nagle's delay off");
        }
        let accepted = Accepted {
            local: stream.local_addr().ok(),
            secure: self.is_secure(),
            place: Arc::new(place),
        };
        let visit = Visit {
            http: self.http.clone(),
            app: self.app.clone(),
            header_timeout: self.options.header_timeout,
            peer,
            accepted,
        };
        let watcher = graceful.watcher();
        #[cfg(feature = "tls")]
        if let Some(tls) = self.tls.clone() {
            let timeout = self.options.tls_timeout;
            tokio::spawn(async move {
                match tokio::time::timeout(timeout, tls.accept(stream)).await {
                    Ok(Ok(stream)) => visit.serve(stream, watcher).await,
                    _ => tracing::debug!(%peer, "no TLS handshake"),
                }
            });
            return;
        }
        tokio::spawn(visit.serve(stream, watcher));
    }

    #[cfg(feature = "tls")]
    fn is_secure(&self) -> bool {
        self.tls.is_some()
    }

    #[cfg(not(feature = "tls"))]
    fn is_secure(&self) -> bool {
        false
    }
}

/// One client's HTTP.
struct Visit {
    http: auto::Builder<TokioExecutor>,
    app: App,
    header_timeout: Duration,
    peer: SocketAddr,
    accepted: Accepted,
}

impl Visit {
    async fn serve(
        self,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        watcher: hyper_util::server::graceful::Watcher,
    ) {
        let asked = Arc::new(Notify::new());
        let service = TowerToHyperService::new(Introduced {
            app: self.app,
            peer: self.peer,
            accepted: self.accepted,
            asked: Arc::clone(&asked),
        });
        let connection = self
            .http
            .serve_connection_with_upgrades(TokioIo::new(stream), service);
        let mut connection = std::pin::pin!(watcher.watch(connection.into_owned()));
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
    peer: SocketAddr,
    accepted: Accepted,
    asked: Arc<Notify>,
}

impl<B> Service<http::Request<B>> for Introduced
where
    App: Service<http::Request<B>>,
{
    type Response = <App as Service<http::Request<B>>>::Response;
    type Error = <App as Service<http::Request<B>>>::Error;
    type Future = <App as Service<http::Request<B>>>::Future;

    fn poll_ready(
        &mut self,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Self::Error>> {
        self.app.poll_ready(cx)
    }

    fn call(&mut self, mut request: http::Request<B>) -> Self::Future {
        self.asked.notify_one();
        let extensions = request.extensions_mut();
        extensions.insert(ConnectInfo(self.peer));
        extensions.insert(self.accepted.clone());
        self.app.call(request)
    }
}
