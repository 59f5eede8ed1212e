//! TestServer: a server in memory.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response};
use sockeye_protocol::CloseCode;
use std::future::Future;
use std::time::Duration;

use crate::config::ServerOptions;
use crate::group::{Hub, IntoGroupName};
use crate::server::{App, House};
use crate::testing::answer::{ask, introduce};
use crate::testing::capture::Captured;
use crate::testing::client::TestClient;
use crate::testing::floor::Floor;
use crate::testing::handshake::TestHandshake;
use crate::testing::patience::{PATIENCE, Patience};
use crate::testing::pipe::pipe;

/// A server whose clients are in the same process: no port, no socket, no second path through the code either. What a
/// client sends passes hyper, the limits, the hooks and the engine as it would behind a listener.
///
/// Needs a tokio runtime, of any kind; with `#[tokio::test(start_paused = true)]` every timeout and heartbeat of the
/// server follows the paused clock.
///
/// Dropped, it stops: handlers hear of it as far as the runtime still runs. [`shutdown`](Self::shutdown) waits for that.
///
/// ```
/// use sockeye::testing::TestServer;
/// use sockeye::{Router, WebSocket};
///
/// async fn echo(mut socket: WebSocket) {
///     while let Some(message) = socket.receive().await {
///         socket.send(message);
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let server = TestServer::new(Router::new().route("/echo", echo));
/// let mut client = server.connect("/echo").await;
/// client.send_text("hi");
/// assert_eq!(client.receive_text().await, "hi");
/// # server.shutdown().await;
/// # }
/// ```
pub struct TestServer {
    house: House,
    floor: Arc<Floor>,
    patience: Duration,
    clients: AtomicU16,
}

impl TestServer {
    /// Serves a [`Router`](crate::Router) or an [`App`].
    #[must_use]
    pub fn new(routes: impl Into<App>) -> Self {
        Self::with_options(routes, ServerOptions::default())
    }

    /// The same with other limits and deadlines of the listener.
    #[must_use]
    pub fn with_options(routes: impl Into<App>, options: ServerOptions) -> Self {
        let house = House::new(routes.into(), options);
        let floor = Arc::new(Floor::new(house.hub().clone()));
        Self {
            house,
            floor,
            patience: PATIENCE,
            clients: AtomicU16::new(0),
        }
    }

    /// How long its clients wait for anything before they fail the test, in tokio's time. Defaults to 5 s.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The hub of its connections: to publish, to look at [`Stats`](crate::Stats).
    #[must_use]
    pub fn hub(&self) -> &Hub {
        self.house.hub()
    }

    /// A client on an accepted connection, whose `on_connect` is through; of a function handler, whatever it does before
    /// it waits for the first time.
    ///
    /// # Panics
    /// When the handshake is refused, naming status and body, or does not end in time.
    #[track_caller]
    pub fn connect(&self, path: &str) -> impl Future<Output = TestClient> {
        self.client(path).connect()
    }

    /// A handshake to be made, with headers, cookies, subprotocols and more.
    #[track_caller]
    pub fn client(&self, path: &str) -> TestHandshake<'_> {
        TestHandshake::new(self, path)
    }

    /// Sends a plain HTTP request, for the routes beside the sockets. A missing `Host` is added.
    ///
    /// # Panics
    /// When no answer comes in time.
    #[track_caller]
    pub fn http(&self, request: Request<impl Into<Body>>) -> impl Future<Output = Response<Bytes>> {
        let patience = Patience::new(self.patience);
        let request = introduce(request.map(Into::into));
        async move {
            let what = format!("the answer to {} {}", request.method(), request.uri());
            let answer = async {
                let (ours, theirs) = pipe();
                self.admit(theirs, self.next_address()).await;
                match ask(ours, request).await {
                    Ok(answer) => answer.collect().await,
                    Err(error) => patience.fail(&format!("found no HTTP answer: {error}")),
                }
            };
            patience.wait(&what, String::new, answer).await
        }
    }

    /// Notes what is published to a group by this server's hub from now on, while it is delivered as ever.
    ///
    /// # Panics
    /// When that cannot be the name of a group.
    #[must_use]
    #[track_caller]
    pub fn capture(&self, group: impl IntoGroupName) -> Captured {
        match group.into_group_name() {
            Ok(group) => Captured::new(self.hub(), Some(group)),
            Err(error) => Patience::new(self.patience).fail(&error.to_string()),
        }
    }

    /// The same for all groups.
    #[must_use]
    pub fn capture_all(&self) -> Captured {
        Captured::new(self.hub(), None)
    }

    /// Waits until the server has come to rest: everything that was sent is handled, what came of it has arrived, and no
    /// hook of a [`Handler`](crate::Handler) runs. What function handlers and spawned tasks wait for, other than
    /// messages, is not seen.
    ///
    /// # Panics
    /// When it does not come to rest in time, because a hook waits.
    #[track_caller]
    pub fn settled(&self) -> impl Future<Output = ()> {
        let patience = Patience::new(self.patience);
        let story = || "a hook runs on, or something is sent all the time".to_owned();
        patience.wait("the server to come to rest", story, self.floor.settle())
    }

    /// Drains: every connection is closed with 1012 and awaited.
    ///
    /// # Panics
    /// When something is left of them: a connection, a group, a membership, a task.
    #[track_caller]
    pub fn shutdown(self) -> impl Future<Output = ()> {
        let patience = Patience::new(self.patience.max(PATIENCE));
        async move {
            let story = || format!("left are {:?}", self.hub().stats());
            let drained = async {
                self.hub().drain(CloseCode::RESTART, Duration::ZERO).await;
                self.house.see_off().await;
            };
            patience
                .wait("all connections to end", story, drained)
                .await;
            let emptied = emptied(self.hub());
            patience
                .wait("nothing to be left of the connections", story, emptied)
                .await;
        }
    }

    pub(crate) async fn admit(&self, stream: crate::testing::pipe::Pipe, address: SocketAddr) {
        self.house.admit(stream, address).await;
    }

    /// An address that no other client has.
    pub(crate) fn next_address(&self) -> SocketAddr {
        // Ports from where systems begin to hand them out.
        let port = 32_768 + self.clients.fetch_add(1, Ordering::Relaxed) % 32_768;
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    pub(crate) fn floor(&self) -> &Arc<Floor> {
        &self.floor
    }

    pub(crate) fn waits(&self) -> Duration {
        self.patience
    }
}

/// Waits until nothing is left of any connection: a broker may take its time to end a subscription.
async fn emptied(hub: &Hub) {
    let left = || {
        let stats = hub.stats();
        stats.connections + stats.groups + stats.memberships + stats.tasks
    };
    while left() > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.hub().engine().stop();
    }
}

impl std::fmt::Debug for TestServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TestServer")
            .field("hub", self.hub())
            .finish_non_exhaustive()
    }
}
