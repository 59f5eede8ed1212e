//! Peer: the client at the other end, as handlers of every kind hold it.

use std::borrow::Cow;
use std::fmt;
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use sockeye_protocol::CloseCode;
use tokio::task::AbortHandle;
use tracing::Instrument;

use crate::config::Options;
use crate::connection::{Cause, Disconnect, Frame};
use crate::error::{ErrorKind, Result};
use crate::group::{self, Event, GroupName, Hub, Memberships, Seat};
use crate::handshake::{Cookies, Handshake, Headers, ParamError, Params, Query, Url};
use crate::id::ConnectionId;
use crate::message::{Form, Outgoing};
use crate::socket::tasks::Tasks;
use crate::socket::{Sender, Site};

/// What a connection knows of its client and may do with it: the request that opened it, its groups, its tasks.
///
/// [`Context`](crate::Context) and [`WebSocket`](crate::WebSocket) both dereference to it. The ways to send, by what
/// becomes of a message that finds the outbox full:
///
/// | way | waits | outbox full | other errors |
/// |---|---|---|---|
/// | [`send`](Self::send) | no | closes 1013 | logged |
/// | [`try_send`](Self::try_send), [`Context::reply`](crate::Context::reply) | no | closes 1013, `Full` | given |
/// | `WebSocket::send_text` and its like, [`Sender::send`] | for room | waits | given |
/// | [`Sender::try_send`] | no | `Full`, nothing else happens | given |
/// | a broadcast | no | closes that member with 1013, or [as its group says](crate::Overflow) | given to the publisher |
pub struct Peer {
    pub(super) sender: Sender,
    site: Arc<Site>,
    pub(super) handshake: Handshake,
    pub(super) holdings: Mutex<Holdings>,
}

/// What ends with the connection. One lock for both: a lock takes as much room as a pointer.
#[derive(Default)]
pub(super) struct Holdings {
    pub(super) groups: Memberships,
    tasks: Tasks,
}

impl Peer {
    pub(crate) fn new(sender: Sender, site: Arc<Site>, handshake: Handshake) -> Self {
        Self {
            sender,
            site,
            handshake,
            holdings: Mutex::default(),
        }
    }

    /// This connection's id.
    #[must_use]
    pub fn id(&self) -> ConnectionId {
        self.sender.id()
    }

    /// A handle that sends to this client from anywhere.
    #[must_use]
    pub fn sender(&self) -> Sender {
        self.sender.clone()
    }

    /// The node's hub.
    #[must_use]
    pub fn hub(&self) -> &Hub {
        &self.site.hub
    }

    /// The request that opened the connection.
    #[must_use]
    pub fn handshake(&self) -> &Handshake {
        &self.handshake
    }

    /// The URL that the client asked for.
    #[must_use]
    pub fn url(&self) -> Url<'_> {
        self.handshake.url()
    }

    /// The path, percent-decoded, without the query: the whole one that the client asked for, wherever the route is
    /// mounted.
    #[must_use]
    pub fn path(&self) -> Cow<'_, str> {
        self.handshake.path()
    }

    /// A path parameter as text.
    ///
    /// # Errors
    /// When the route has no such parameter.
    pub fn param(&self, name: &str) -> Result<&str, ParamError> {
        self.handshake.param(name)
    }

    /// All path parameters; `params().get::<u64>("id")` and `params().parse::<T>()` give typed values.
    #[must_use]
    pub fn params(&self) -> &Params {
        self.handshake.params()
    }

    /// The request's headers, without those that speak of the upgrade alone (`Connection`, `Upgrade`,
    /// `Sec-WebSocket-Key`, `-Version`, `-Extensions`): they were there for hooks of the handshake.
    #[must_use]
    pub fn headers(&self) -> &Headers {
        self.handshake.headers()
    }

    /// The request's query.
    #[must_use]
    pub fn query(&self) -> Query<'_> {
        self.handshake.query()
    }

    /// The request's cookies.
    #[must_use]
    pub fn cookies(&self) -> Cookies<'_> {
        self.handshake.cookies()
    }

    /// The subprotocol that was chosen for the connection.
    #[must_use]
    pub fn subprotocol(&self) -> Option<&str> {
        self.handshake.subprotocol()
    }

    /// The client's address, where the transport has one; behind a proxy it is the proxy's. Under `axum::serve` it needs
    /// `app.into_make_service_with_connect_info::<SocketAddr>()`.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.handshake.peer()
    }

    /// Queues a message for this client: text, bytes, or a value such as `serde_json::Value` or [`Json`](crate::Json).
    /// Never fails the handler: what goes wrong is logged, and [`try_send`](Self::try_send) says it.
    pub fn send(&self, message: impl Outgoing) {
        if let Err(error) = self.try_send(message) {
            tracing::warn!(connection = %self.id(), %error, "a message was not sent");
        }
    }

    /// Queues a message for this client. One that finds the outbox full closes the connection with 1013: the peer
    /// reads too slowly for its handler.
    ///
    /// # Backpressure
    /// Does not wait. [`WebSocket::send_text`](crate::WebSocket::send_text) and [`Sender::send`] do.
    ///
    /// # Errors
    /// `Full` when the outbox has no room, `Closed` after the end or after [`close`](Self::close), `Encoding` when the
    /// message has no wire form.
    pub fn try_send(&self, message: impl Outgoing) -> Result<()> {
        let sent = self.sender.push(&message, self.form());
        if sent
            .as_ref()
            .is_err_and(|error| error.kind() == ErrorKind::Full)
        {
            self.sender
                .link()
                .close(Disconnect::because(Cause::SlowConsumer));
        }
        sent
    }

    /// Ends the connection with a close frame, after what was sent before; see [`Sender::close`]. A hook that runs may
    /// finish, but what it sends from now on is refused.
    pub fn close(&self, code: CloseCode, reason: &str) {
        self.sender.close(code, reason);
    }

    /// Lets what was sent so far leave before the hook goes on: a progress message before a long computation. Without it
    /// everything leaves when the hook waits or ends. What the client does not take waits in its outbox; this does not
    /// wait for it.
    ///
    /// # Cancel safety
    /// What was sent stays sent.
    pub async fn flush(&self) {
        let link = self.sender.link();
        poll_fn(|cx| link.poll_flush(cx)).await;
    }

    /// Starts a task that belongs to the connection. It is dropped at its next await point when the connection has ended
    /// and its handler has heard of it; only then is the connection gone. A panic in it ends the task alone; the handle ends it earlier.
    ///
    /// # Errors
    /// `Limit` when [`Options::tasks`] run already.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> Result<AbortHandle> {
        let counted = self.hub().engine().task();
        let task = async move {
            task.await;
            drop(counted);
        };
        let task = task.in_current_span();
        let limit = self.options().tasks;
        self.holdings.lock().tasks.spawn(limit, task)
    }

    /// Puts work off until the connection has ended, its handler has heard of it and its tasks are gone. Pieces run one
    /// after another in the order they were given, whatever became of the one before; together they have the disconnect
    /// timeout.
    ///
    /// # Errors
    /// `Limit` when [`Options::tasks`] pieces wait already.
    pub fn after(&self, work: impl Future<Output = ()> + Send + 'static) -> Result<()> {
        let limit = self.options().tasks;
        self.holdings.lock().tasks.after(limit, work)
    }

    /// Sends to this client behind everything that was published before, its own copies included.
    pub(crate) fn follow(&self, message: &impl Outgoing) -> Result<()> {
        if self.sender.is_open() {
            let frame = self.hub().encode(message, Some(&self.publisher()))?;
            self.hub().engine().follow(self.sender.link(), frame);
        }
        Ok(())
    }

    /// Ends the tasks and does what was put off.
    pub(crate) async fn finish(&self) {
        let started = self.holdings.lock().tasks.take();
        if let Some(started) = started {
            started.finish().await;
        }
    }

    /// The request, to leave values in its state.
    pub(crate) fn handshake_mut(&mut self) -> &mut Handshake {
        &mut self.handshake
    }

    /// How typed messages are written and read here.
    pub(crate) fn form(&self) -> Form<'_> {
        Form::new(&self.site.options.wire, self.sender.link().format())
    }

    /// An event for the handler here, of the topic of that name.
    pub(crate) fn event(&self, topic: &Arc<str>, frame: Frame) -> Event {
        let wire = Arc::clone(self.sender.link().inbox().wire());
        Event::new(GroupName::of_topic(Arc::clone(topic)), frame, wire)
    }

    /// This connection, as one that publishes.
    pub(super) fn publisher(&self) -> group::Publisher {
        group::Publisher {
            link: Arc::clone(self.sender.link()),
            user: Seat::of(&self.handshake).map(|seat| seat.user().clone()),
            options: Arc::clone(&self.site.options),
        }
    }

    pub(crate) fn options(&self) -> &Options {
        &self.site.options
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peer")
            .field("id", &self.id())
            .field("handshake", &self.handshake)
            .field("groups", &self.groups())
            .finish_non_exhaustive()
    }
}
