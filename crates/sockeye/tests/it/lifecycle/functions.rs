//! The endings of connections with a function handler: `receive` gives `None`, `closed` gives the cause.

use std::sync::Arc;
use std::time::Duration;

use sockeye::{Cause, IntoEndpoint, Options, Result, Router, WebSocket};

use crate::harness::{serve, until};
use crate::lifecycle::cell::{self, Cell, Setting};
use crate::lifecycle::client::plain;
use crate::lifecycle::probe::probe;
use crate::lifecycle::script::{Event, Script};
use crate::lifecycle::{Ending, Heard, Phase};

use Heard::{Closed, Never, Once};

pub(super) const PHASES: [Phase; 4] = [
    Phase::Connect,
    Phase::Idle,
    Phase::Queued,
    Phase::Disconnect,
];

const CLOSED: Heard = Once(Cause::PeerClosed);
const LOST: Heard = Once(Cause::PeerLost);
const SILENT: Heard = Once(Cause::PingTimeout);
const SLOW: Heard = Once(Cause::SlowConsumer);
const SERVER: Heard = Once(Cause::ServerClosed);
const DRAINED: Heard = Once(Cause::Drained);
const STOPPED: Heard = Once(Cause::Stopped);

/// The function ends and takes its connection with it: there is nobody left to hear of it.
const INTERNAL: Heard = Closed(1011);

/// It has its end already, and what comes later changes nothing.
const FIRST: Heard = SERVER;

const NO_HOOK: Heard = Never("a function may take its time while its connection lives");

const IN_SEND: Heard = Never("code of the application does not run while `send` waits");

const NO_PINGS: Heard = Never("after the end begins nobody is pinged");

/// While a function is elsewhere its peer is read on, so its end is seen at once.
#[rustfmt::skip]
const TABLE: [(Ending, [Heard; 4]); 10] = [
    //                     elsewhere  in receive in send   after the end
    (Ending::PeerClose,   [CLOSED,    CLOSED,    CLOSED,   FIRST]),
    (Ending::Reset,       [LOST,      LOST,      LOST,     FIRST]),
    (Ending::Silence,     [SILENT,    SILENT,    SILENT,   NO_PINGS]),
    (Ending::Panic,       [INTERNAL,  INTERNAL,  IN_SEND,  FIRST]),
    (Ending::Failure,     [INTERNAL,  INTERNAL,  IN_SEND,  FIRST]),
    (Ending::Hang,        [NO_HOOK,   NO_HOOK,   IN_SEND,  FIRST]),
    (Ending::Flood,       [SLOW,      SLOW,      SLOW,     FIRST]),
    (Ending::ServerClose, [SERVER,    SERVER,    SERVER,   FIRST]),
    (Ending::Drain,       [DRAINED,   DRAINED,   DRAINED,  FIRST]),
    (Ending::Stop,        [STOPPED,   STOPPED,   STOPPED,  FIRST]),
];

pub(super) const DROPPED: [Event; 1] = [Event::Dropped];

pub(super) fn routes(script: Arc<Script>, options: Options) -> Router {
    let live = move |socket: WebSocket| probe(socket, Arc::clone(&script));
    Router::new().route("/", live.options(options))
}

const SETTING: Setting = Setting {
    routes,
    serve: |routes| Box::pin(serve(routes)),
    wrap: plain,
    own: &DROPPED,
};

/// All endings in one phase.
pub(super) async fn column(phase: Phase, setting: Setting) {
    let at = PHASES.iter().position(|other| *other == phase).unwrap();
    let cells = TABLE.iter().map(|(ending, row)| Cell {
        phase,
        ending: *ending,
        heard: row[at],
    });
    cell::run(cells, setting).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_that_is_elsewhere_hears_of_the_end_when_it_comes_back() {
    column(Phase::Connect, SETTING).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_that_receives_hears_of_the_end() {
    column(Phase::Idle, SETTING).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_that_waits_to_send_hears_of_the_end() {
    column(Phase::Queued, SETTING).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_hears_of_one_end() {
    column(Phase::Disconnect, SETTING).await;
}

#[tokio::test]
async fn a_function_that_does_not_care_is_dropped_after_the_disconnect_timeout() {
    let script = Script::new(Phase::Connect);
    let mut options = Options::default();
    options.disconnect_timeout = Duration::from_millis(50);
    let server = serve(routes(Arc::clone(&script), options)).await;
    let client = server.connect("/").await;
    script.waiting().await;
    drop(client);
    server.empty().await;
    let events = [
        Event::Connected,
        Event::Dropped,
        Event::TaskGone,
        Event::After(1),
        Event::After(2),
    ];
    assert_eq!(script.events(), events);
}

#[tokio::test]
async fn a_function_that_never_began_is_never_called() {
    let script = Script::new(Phase::Idle);
    let server = serve(routes(Arc::clone(&script), Options::default())).await;
    server.hub.stop().await;
    let mut client = server.connect("/").await;
    assert_eq!(client.closed().await, Some((1001, String::new())));
    server.empty().await;
    assert_eq!(script.events(), []);
}

#[tokio::test]
async fn a_function_that_returns_leaves_nothing_behind() {
    async fn brief(mut socket: WebSocket, script: Arc<Script>) -> Result<()> {
        script.begin(&socket).await?;
        socket.receive().await;
        Ok(())
    }
    let script = Script::new(Phase::Idle);
    let given = Arc::clone(&script);
    let live = move |socket: WebSocket| brief(socket, Arc::clone(&given));
    let server = serve(Router::new().route("/", live)).await;
    let mut client = server.connect("/").await;
    until("the beginning", || script.has_begun()).await;
    client.send("enough").await;
    assert_eq!(client.closed().await, Some((1000, String::new())));
    server.empty().await;
    let events = [
        Event::Connected,
        Event::TaskGone,
        Event::After(1),
        Event::After(2),
    ];
    assert_eq!(script.events(), events);
}
