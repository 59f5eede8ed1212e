//! The endings of connections with a trait handler.

use std::sync::Arc;

use sockeye::{Cause, Options, Router, endpoint};

use crate::harness::serve;
use crate::lifecycle::cell::{self, Cell, Setting};
use crate::lifecycle::client::plain;
use crate::lifecycle::probe::Probe;
use crate::lifecycle::script::Script;
use crate::lifecycle::{Ending, Heard, Phase};

use Heard::{Never, Nothing, Once};

pub(super) const PHASES: [Phase; 6] = [
    Phase::Handshake,
    Phase::Connect,
    Phase::Idle,
    Phase::Message,
    Phase::Queued,
    Phase::Disconnect,
];

const CLOSED: Heard = Once(Cause::PeerClosed);
const LOST: Heard = Once(Cause::PeerLost);
const SILENT: Heard = Once(Cause::PingTimeout);
const PANICKED: Heard = Once(Cause::HandlerPanicked);
const FAILED: Heard = Once(Cause::HandlerFailed);
const HUNG: Heard = Once(Cause::HookTimeout);
const SLOW: Heard = Once(Cause::SlowConsumer);
const SERVER: Heard = Once(Cause::ServerClosed);
const DRAINED: Heard = Once(Cause::Drained);
const STOPPED: Heard = Once(Cause::Stopped);

/// `on_disconnect` waits because of a close; what comes later changes nothing.
const FIRST: Heard = SERVER;

/// No ping before the upgrade; a peer that never asks meets the handshake timeout of the server.
const NO_FRAMES: Heard = Never("before the upgrade there are no frames to send");

/// Whoever would close has no handle yet.
const NO_HANDLE: Heard = Never("a connection has no handle before `on_connect`");

/// The rest of the close waits for the close timeout alone.
const NO_PINGS: Heard = Never("after the end begins nobody is pinged");

const NO_ERROR: Heard = Never("`on_disconnect` has no way to fail");

/// While a hook waits its peer is not read. Its close or reset is seen when the hook is through, which is then the
/// first cause; its silence says nothing, so that the timeout of the hook comes first.
#[rustfmt::skip]
const TABLE: [(Ending, [Heard; 6]); 10] = [
    //                     on_handshake on_connect idle      on_message queued    on_disconnect
    (Ending::PeerClose,   [Nothing,     CLOSED,    CLOSED,   CLOSED,    CLOSED,   FIRST]),
    (Ending::Reset,       [Nothing,     LOST,      LOST,     LOST,      LOST,     FIRST]),
    (Ending::Silence,     [NO_FRAMES,   HUNG,      SILENT,   HUNG,      SILENT,   NO_PINGS]),
    (Ending::Panic,       [Nothing,     PANICKED,  PANICKED, PANICKED,  PANICKED, FIRST]),
    (Ending::Failure,     [Nothing,     FAILED,    FAILED,   FAILED,    FAILED,   NO_ERROR]),
    (Ending::Hang,        [Nothing,     HUNG,      HUNG,     HUNG,      HUNG,     FIRST]),
    (Ending::Flood,       [NO_FRAMES,   SLOW,      SLOW,     SLOW,      SLOW,     FIRST]),
    (Ending::ServerClose, [NO_HANDLE,   SERVER,    SERVER,   SERVER,    SERVER,   FIRST]),
    (Ending::Drain,       [Nothing,     DRAINED,   DRAINED,  DRAINED,   DRAINED,  FIRST]),
    (Ending::Stop,        [Nothing,     STOPPED,   STOPPED,  STOPPED,   STOPPED,  FIRST]),
];

pub(super) fn routes(script: Arc<Script>, options: Options) -> Router {
    let made = move || Probe(Arc::clone(&script));
    Router::new().route("/", endpoint(made).options(options))
}

const SETTING: Setting = Setting {
    routes,
    serve: |routes| Box::pin(serve(routes)),
    wrap: plain,
    own: &[],
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
async fn an_end_in_on_handshake_is_told_to_nobody() {
    column(Phase::Handshake, SETTING).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_in_on_connect_is_told_once() {
    column(Phase::Connect, SETTING).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_an_idle_connection_is_told_once() {
    column(Phase::Idle, SETTING).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_in_on_message_is_told_once() {
    column(Phase::Message, SETTING).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_with_output_that_nobody_reads_is_told_once() {
    column(Phase::Queued, SETTING).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_end_in_on_disconnect_is_told_to_nobody() {
    column(Phase::Disconnect, SETTING).await;
}
