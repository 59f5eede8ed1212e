//! Accepting: every newcomer gets a place, a task, and a deadline from its first moment on.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::TokioExecutor;
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::ServerOptions;
use crate::server::App;
use crate::server::drain::{Phase, ServerHandle};
use crate::server::upgrade::Accepted;
use crate::server::visit::Visit;

/// Everything the accept loop needs for each new connection.
pub(crate) struct Front {
    pub(crate) http: auto::Builder<TokioExecutor>,
    pub(crate) options: ServerOptions,
    pub(crate) handle: ServerHandle,
    pub(crate) app: App,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<tokio_rustls::TlsAcceptor>,
}

impl Front {
    /// Accepts for ever. A full house leaves newcomers in the kernel's queue.
    pub(crate) async fn accept(
        &self,
        listener: TcpListener,
        places: &Arc<Semaphore>,
        graceful: &GracefulShutdown,
    ) {
        while let Ok(place) = Arc::clone(places).acquire_owned().await {
            match listener.accept().await {
                Ok((stream, peer)) => self.welcome(stream, peer, place, graceful.watcher()),
                Err(error) if has_left(&error) => {}
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
        watcher: Watcher,
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
            headers: self.options.headers,
            peer,
            accepted,
        };
        #[cfg(feature = "tls")]
        if let Some(tls) = self.tls.clone() {
            let timeout = self.options.tls_timeout;
            let handle = self.handle.clone();
            tokio::spawn(async move {
                let secured = tokio::select! {
                    secured = tokio::time::timeout(timeout, tls.accept(stream)) => secured,
                    () = handle.reached(Phase::Draining) => return,
                };
                match secured {
                    Ok(Ok(stream)) => serve(visit, stream, watcher, handle).await,
                    _ => tracing::debug!(%peer, "no TLS handshake"),
                }
            });
            return;
        }
        tokio::spawn(serve(visit, stream, watcher, self.handle.clone()));
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

/// Serves one client's HTTP, not beyond the end of the server.
async fn serve(
    visit: Visit,
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    watcher: Watcher,
    handle: ServerHandle,
) {
    tokio::select! {
        () = visit.serve(stream, watcher) => {}
        () = handle.reached(Phase::Over) => {}
    }
}

/// Whether an error says only that a client left before it was accepted.
fn has_left(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
    )
}
