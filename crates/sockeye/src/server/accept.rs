//! Accepting: every newcomer gets a place, a task, and a deadline from its first moment on.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

use crate::config::ServerOptions;
use crate::engine::Places;
use crate::server::App;
use crate::server::arrival::Desk;
use crate::server::http::Http;
use crate::server::visit::Visit;
use crate::server::visitors::{Leaving, Visitors};

/// What every new connection shares.
pub(crate) struct Front {
    pub(crate) http: Http,
    pub(crate) options: ServerOptions,
    pub(crate) app: App,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<tokio_rustls::TlsAcceptor>,
}

impl Front {
    pub(crate) fn new(app: App, options: ServerOptions) -> Self {
        Self {
            http: Http::new(&options),
            options,
            app,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    /// Accepts for ever. A full house leaves newcomers in the kernel's queue.
    pub(crate) async fn accept(
        self: &Arc<Self>,
        listener: TcpListener,
        places: &Places,
        visitors: &Visitors,
    ) {
        // Whoever listens at one address need not ask each connection for it.
        let local = listener.local_addr().ok();
        let local = local.filter(|address| !address.ip().is_unspecified());
        while let Some(place) = places.take().await {
            match listener.accept().await {
                Ok((stream, peer)) => {
                    let visit = Visit {
                        front: Arc::clone(self),
                        peer,
                        local: local.or_else(|| stream.local_addr().ok()),
                        desk: Arc::new(Desk::new(place)),
                    };
                    visit.welcome(stream, visitors.admit());
                }
                Err(error) if has_left(&error) => {}
                Err(error) => {
                    // Out of file descriptors, most likely: some must come free before it is worth another try.
                    tracing::warn!(%error, "cannot accept a connection; trying again");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    #[cfg(feature = "tls")]
    pub(crate) fn is_secure(&self) -> bool {
        self.tls.is_some()
    }

    #[cfg(not(feature = "tls"))]
    pub(crate) fn is_secure(&self) -> bool {
        false
    }
}

impl Visit {
    /// Starts the task that serves a newcomer.
    fn welcome(self, stream: TcpStream, leaving: Leaving) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(peer = %self.peer, %error, "cannot turn Nagle's delay off");
        }
        #[cfg(feature = "tls")]
        if let Some(tls) = self.front.tls.clone() {
            tokio::spawn(self.secure(tls, stream, leaving));
            return;
        }
        tokio::spawn(self.serve(stream, leaving));
    }

    #[cfg(feature = "tls")]
    async fn secure(self, tls: tokio_rustls::TlsAcceptor, stream: TcpStream, mut leaving: Leaving) {
        let timeout = self.front.options.tls_timeout;
        let secured = tokio::select! {
            secured = tokio::time::timeout(timeout, tls.accept(stream)) => secured,
            _ = leaving.told() => return,
        };
        match secured {
            Ok(Ok(stream)) => self.serve(stream, leaving).await,
            _ => tracing::debug!(peer = %self.peer, "no TLS handshake"),
        }
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
