//! Arrival: a socket on its way from HTTP into the engine.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hyper::upgrade::OnUpgrade;
use parking_lot::Mutex;
use sockeye_protocol::Deflate;

use crate::engine::{Attachment, Pass, Place};
use crate::handler::{Admission, Logged, Start};
use crate::handshake::Handshake;
use crate::message::Format;
use crate::server::takeover::Taken;
use crate::socket::Site;

/// A socket whose handshake is answered, but whose stream HTTP still has.
pub(crate) struct Arrival {
    pub(crate) on_upgrade: OnUpgrade,
    pub(crate) handshake: Box<Handshake>,
    pub(crate) start: Start,
    pub(crate) deflate: Option<Deflate>,
    pub(crate) pass: Pass,
    pub(crate) site: Arc<Site>,
}

impl Arrival {
    /// Waits until HTTP has let go of the stream, not longer than a handshake may take, and starts the handler.
    ///
    /// With the stream the connection's place becomes the socket's. Until then it stays on the desk, and frees itself
    /// when neither HTTP nor this has a use for it any more. A socket over HTTP/2 has no desk, and needs no place.
    pub(crate) async fn settle(self, desk: Option<Arc<Desk>>) {
        let Site { hub, options, .. } = &*self.site;
        let upgraded = tokio::time::timeout(options.handshake_timeout, self.on_upgrade).await;
        let Ok(Ok(upgraded)) = upgraded else {
            return tracing::debug!("a client left during its handshake");
        };
        let engine = hub.engine();
        let Ok(taken) = Taken::from_upgraded(upgraded, engine.watches_sockets()) else {
            return tracing::debug!("a client left right after its handshake");
        };
        let format = Format::of_subprotocol(self.handshake.subprotocol());
        let link = engine.link(options, format);
        let logged = Logged::around(link.id(), &self.handshake, &self.site);
        let lifecycle = (self.start)(Admission {
            link: Arc::clone(&link),
            handshake: self.handshake,
            site: Arc::clone(&self.site),
        });
        engine.attach(Attachment {
            transport: taken.transport,
            received: taken.received,
            link,
            lifecycle: logged(lifecycle),
            options: Arc::clone(options),
            deflate: self.deflate,
            pass: self.pass,
            place: desk.and_then(|desk| desk.give_place()),
        });
    }
}

/// What the task of a connection learns from the requests on it, and what a socket gets of the connection.
pub(crate) struct Desk {
    asked: AtomicBool,
    arrival: Mutex<Option<Arrival>>,
    place: Mutex<Option<Place>>,
}

impl Desk {
    /// The desk of a connection that has taken this place.
    pub(crate) fn new(place: Place) -> Self {
        Self {
            asked: AtomicBool::new(false),
            arrival: Mutex::new(None),
            place: Mutex::new(Some(place)),
        }
    }

    /// Notes that the client has asked for something.
    pub(crate) fn ask(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }

    pub(crate) fn was_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Leaves a socket for the task, which settles it when HTTP is over: no task of its own for it.
    pub(crate) fn leave(&self, arrival: Arrival) {
        *self.arrival.lock() = Some(arrival);
    }

    pub(crate) fn take(&self) -> Option<Arrival> {
        self.arrival.lock().take()
    }

    /// Gives the place to the socket that the connection has become.
    fn give_place(&self) -> Option<Place> {
        self.place.lock().take()
    }
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk")
            .field("asked", &self.asked)
            .finish_non_exhaustive()
    }
}
