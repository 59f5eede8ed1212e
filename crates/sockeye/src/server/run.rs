//! Server: a listener with its limits, from its first connection to its last.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, ToSocketAddrs};

use crate::config::ServerOptions;
use crate::engine::Places;
use crate::error::{Error, ErrorKind, Result};
use crate::server::App;
use crate::server::accept::Front;
use crate::server::drain::{HTTP_GRACE, Phase, ServerHandle, end_sockets};
use crate::server::listen::listen;
use crate::server::visitors::Visitors;

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
        let listener = listen(address).await;
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
    ///
    /// # Cancel safety
    /// Dropped early, it stops accepting and ends every connection that is still HTTP. Sockets stay until their hub is
    /// drained or stopped; those over HTTP/2 end with their connection.
    pub async fn run(self, routes: impl Into<App>) -> Result<()> {
        let app = routes.into();
        let places = Places::new(self.options.connections);
        let handle = self.handle();
        let (listener, front) = self.split(app.clone());
        let visitors = Visitors::new();
        tokio::select! {
            () = front.accept(listener, &places, &visitors) => {}
            () = handle.reached(Phase::Draining) => {}
        }
        // The listener is gone: nobody new comes in while those inside are seen off.
        let sockets = || end_sockets(app.hub(), &handle, &front.options);
        tokio::join!(sockets(), end_http(&visitors, &handle, &front.options));
        // A request that was on its way all the time may have become a socket at last.
        sockets().await;
        app.hub().say_goodbye();
        // What the last hooks have published leaves too; without a broker this takes no time.
        let flushed = tokio::time::timeout(FLUSH, app.hub().flush()).await;
        if let Ok(Err(error)) = flushed {
            tracing::warn!(%error, "the server has ended");
        }
        Ok(())
    }

    fn split(self, app: App) -> (TcpListener, Arc<Front>) {
        #[cfg_attr(
            not(feature = "tls"),
            expect(unused_mut, reason = "TLS is set afterwards")
        )]
        let mut front = Front::new(app, self.options);
        #[cfg(feature = "tls")]
        {
            front.tls = self.tls.map(Into::into);
        }
        (self.listener, Arc::new(front))
    }
}

/// For a broker that hangs: as long as it may take for any answer.
const FLUSH: Duration = Duration::from_secs(5);

/// Lets the requests in flight finish, for a while.
async fn end_http(visitors: &Visitors, handle: &ServerHandle, options: &ServerOptions) {
    let patience = options.drain_window + HTTP_GRACE;
    tokio::select! {
        _ = tokio::time::timeout(patience, visitors.see_off()) => {}
        () = handle.reached(Phase::Stopped) => {}
    }
}
