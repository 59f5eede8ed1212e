//! House: a server without a listener, into which newcomers are brought over any stream.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::config::ServerOptions;
use crate::engine::Places;
use crate::group::Hub;
use crate::server::App;
use crate::server::accept::Front;
use crate::server::arrival::Desk;
use crate::server::visit::Visit;
use crate::server::visitors::Visitors;

/// What a [`Server`](crate::Server) is behind its listener. Dropped, it ends every connection that is still HTTP.
pub(crate) struct House {
    front: Arc<Front>,
    places: Places,
    visitors: Visitors,
}

impl House {
    pub(crate) fn new(app: App, options: ServerOptions) -> Self {
        Self {
            places: Places::new(options.connections),
            front: Arc::new(Front::new(app, options)),
            visitors: Visitors::new(),
        }
    }

    pub(crate) fn hub(&self) -> &Hub {
        self.front.app.hub()
    }

    /// Serves a newcomer as one that was accepted, once there is a place for it. Must run inside a tokio runtime.
    pub(crate) async fn admit(
        &self,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        peer: SocketAddr,
    ) {
        // Places are never closed.
        let Some(place) = self.places.take().await else {
            return;
        };
        let visit = Visit {
            front: Arc::clone(&self.front),
            peer,
            local: None,
            desk: Arc::new(Desk::new(place)),
        };
        tokio::spawn(visit.serve(stream, self.visitors.admit()));
    }

    /// Waits until no connection is HTTP any more; each may finish what it has in flight.
    pub(crate) async fn see_off(&self) {
        self.visitors.see_off().await;
    }
}
