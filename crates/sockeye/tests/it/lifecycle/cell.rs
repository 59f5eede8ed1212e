//! Cell: one ending in one phase, on a server of its own.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use sockeye::{Cause, CloseCode, Hub, Options, Router};
use tokio::task::JoinSet;

use crate::harness::{Running, until, within};
use crate::lifecycle::client::{Client, Wrap};
use crate::lifecycle::script::{Act, Event, Script};
use crate::lifecycle::{Ending, Heard, Phase};

/// Longer than any test: what waits for this waits in vain.
const FOR_EVER: Duration = Duration::from_secs(3600);

/// For the timeouts that a cell is about.
const SOON: Duration = Duration::from_millis(50);

type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A kind of handler, reached by a kind of transport.
#[derive(Clone, Copy)]
pub(super) struct Setting {
    pub(super) routes: fn(Arc<Script>, Options) -> Router,
    pub(super) serve: fn(Router) -> Later<Running>,
    pub(super) wrap: Wrap,
    /// What such a handler notes besides what every one does.
    pub(super) own: &'static [Event],
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    pub(super) phase: Phase,
    pub(super) ending: Ending,
    pub(super) heard: Heard,
}

/// Runs all cells at once; fails with the names of those that failed.
pub(super) async fn run(cells: impl Iterator<Item = Cell>, setting: Setting) {
    let mut runs = JoinSet::new();
    let mut names = std::collections::HashMap::new();
    for cell in cells {
        if let Heard::Never(reason) = cell.heard {
            assert!(!reason.is_empty());
            continue;
        }
        let run = runs.spawn(cell.run(setting));
        names.insert(run.id(), cell);
    }
    assert!(!names.is_empty());
    let mut failed = Vec::new();
    while let Some(run) = runs.join_next_with_id().await {
        if let Err(error) = run {
            let text = error.to_string();
            failed.push(format!("{:?}: {text}", names[&error.id()]));
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

impl Cell {
    async fn run(self, setting: Setting) {
        let script = Script::new(self.phase);
        let routes = (setting.routes)(Arc::clone(&script), self.options());
        let server = (setting.serve)(routes).await;
        let client = Client::connect(&server, setting.wrap, self.ending == Ending::Reset).await;
        let mut scene = Scene {
            cell: self,
            script,
            server,
            client: Some(client),
            over: None,
        };
        scene.begin().await;
        scene.end().await;
        scene.judge(setting.own).await;
    }

    /// Every timeout is out of the way but those that the cell is about.
    fn options(self) -> Options {
        let mut options = Options::default();
        options.outbox_bytes = 32 * 1024;
        options.heartbeat.interval = FOR_EVER;
        options.heartbeat.timeout = FOR_EVER;
        options.hook_timeout = FOR_EVER;
        options.handshake_timeout = FOR_EVER;
        options.disconnect_timeout = FOR_EVER;
        options.write_timeout = FOR_EVER;
        options.close_timeout = FOR_EVER;
        match (self.phase, self.ending) {
            (_, Ending::Silence) => {
                options.heartbeat.interval = SOON / 5;
                options.heartbeat.timeout = SOON / 5;
                options.hook_timeout = SOON;
            }
            (_, Ending::Hang) => {
                options.hook_timeout = SOON;
                options.handshake_timeout = SOON;
                options.disconnect_timeout = SOON;
            }
            (Phase::Queued, Ending::Flood) => options.write_timeout = SOON,
            _ => {}
        }
        options
    }

    /// Whether code of the application waits for the script.
    fn waits(self) -> bool {
        !matches!(self.phase, Phase::Idle | Phase::Queued)
    }

    /// The code that the end comes with.
    fn code(self) -> Option<u16> {
        match self.heard {
            Heard::Nothing if self.ending == Ending::Drain => Some(1012),
            Heard::Nothing if self.ending == Ending::Stop => Some(1001),
            Heard::Nothing | Heard::Never(_) => None,
            Heard::Closed(code) => Some(code),
            Heard::Once(cause) => match cause {
                Cause::PeerClosed => Some(1000),
                Cause::PingTimeout | Cause::Stopped => Some(1001),
                Cause::HandlerPanicked | Cause::HandlerFailed | Cause::HookTimeout => Some(1011),
                Cause::Drained => Some(1012),
                Cause::SlowConsumer => Some(1013),
                Cause::ServerClosed if self.phase == Phase::Disconnect => Some(4000),
                Cause::ServerClosed => Some(4001),
                _ => None,
            },
        }
    }

    /// What its handler has to have noted, in order.
    fn events(self, own: &[Event]) -> Vec<Event> {
        let end = match self.heard {
            Heard::Nothing | Heard::Never(_) => return Vec::new(),
            Heard::Closed(_) => None,
            Heard::Once(cause) => Some(Event::Disconnected(cause, self.code())),
        };
        let mut events = vec![Event::Connected];
        events.extend(end);
        events.extend_from_slice(own);
        events.extend([Event::TaskGone, Event::After(1), Event::After(2)]);
        events
    }
}

/// A cell that is played.
struct Scene {
    cell: Cell,
    script: Arc<Script>,
    server: Running,
    client: Option<Client>,
    /// The drain or the stop of the server.
    over: Option<Later<()>>,
}

impl Scene {
    /// Brings the connection into the phase.
    async fn begin(&mut self) {
        // The message of the phase comes in one piece with the handshake: nothing can come between.
        let message = (self.cell.phase == Phase::Message).then_some("wait");
        self.client().ask(message).await;
        if self.cell.phase != Phase::Handshake {
            until("the beginning", || self.script.has_begun()).await;
        }
        match self.cell.phase {
            Phase::Queued => self.script.filled().await,
            Phase::Disconnect => self.script.sender().close(CloseCode::new(4000), "first"),
            _ => {}
        }
        if self.cell.waits() {
            self.script.waiting().await;
        }
    }

    /// Ends it, and then lets go on what waits.
    async fn end(&mut self) {
        match self.cell.ending {
            Ending::PeerClose if self.cell.phase == Phase::Handshake => {
                self.client().shut_down().await;
            }
            Ending::PeerClose => self.client().close(1000).await,
            Ending::Reset => self.client = None,
            Ending::Silence => {}
            Ending::Panic => self.tell(Act::Panic, "panic").await,
            Ending::Failure => self.tell(Act::Fail, "fail").await,
            Ending::Hang if self.cell.waits() => {}
            Ending::Hang => self.client().send("hang").await,
            Ending::Flood => flood(self.cell.phase, &self.server.hub, &self.script).await,
            Ending::ServerClose => self.script.sender().close(CloseCode::new(4001), "second"),
            Ending::Drain => {
                let drain = |hub: Hub| async move {
                    hub.drain(CloseCode::RESTART, Duration::ZERO).await;
                };
                self.over = Some(begun(drain(self.server.hub.clone())).await);
            }
            Ending::Stop => {
                let stop = |hub: Hub| async move { hub.stop().await };
                self.over = Some(begun(stop(self.server.hub.clone())).await);
            }
        }
        self.ended().await;
        if !matches!(
            self.cell.ending,
            Ending::Panic | Ending::Failure | Ending::Hang
        ) {
            self.script.act(Act::Return);
        }
    }

    /// Waits until the end has begun, where that can be seen from outside: memberships end first.
    async fn ended(&mut self) {
        let unread = matches!(self.cell.ending, Ending::PeerClose | Ending::Reset);
        match self.cell.phase {
            Phase::Handshake if unread => {
                let gone = || self.server.hub.stats().connections == 0;
                return until("a request that is given up", gone).await;
            }
            // A peer is not read while a hook waits: the end begins when it is through.
            Phase::Connect | Phase::Message if unread => return,
            _ => {}
        }
        if (self.cell.phase, self.cell.ending) == (Phase::Disconnect, Ending::Stop) {
            let client = self.client.take().unwrap();
            assert_eq!(client.rest(false).await, Some(4000));
        }
        self.server.members("room", "one", 0).await;
    }

    /// Takes in what happened: what the handler noted, what the peer read, what is left on the server.
    async fn judge(mut self, own: &[Event]) {
        // What it was cut off from cannot tell the peer anything.
        let lost = (self.cell.phase, self.cell.ending) == (Phase::Queued, Ending::Stop);
        let refused = self.cell.heard == Heard::Nothing && self.cell.code().is_none();
        if let Some(client) = self.client.take().filter(|_| !refused) {
            // A stop waits for nobody.
            let code = client.rest(self.cell.ending != Ending::Stop).await;
            assert!(lost || code == self.cell.code(), "the peer read {code:?}");
        }
        if let Some(over) = self.over.take() {
            within("the end of the server", over).await;
        }
        self.server.empty().await;
        assert_eq!(self.script.events(), self.cell.events(own));
    }

    async fn tell(&mut self, act: Act, text: &str) {
        match self.cell.waits() {
            true => self.script.act(act),
            false => self.client().send(text).await,
        }
    }

    fn client(&mut self) -> &mut Client {
        self.client.as_mut().unwrap()
    }
}

/// Makes the peer a slow one, if it can be any more.
async fn flood(phase: Phase, hub: &Hub, script: &Script) {
    let group = hub.group(("room", "one")).unwrap();
    match phase {
        // Its outbox is full already; the write timeout does the rest.
        Phase::Queued => {}
        Phase::Disconnect => {
            group.broadcast("too late").unwrap();
            script.sender().try_send("too late").unwrap_err();
        }
        _ => {
            until("an outbox that runs over", || {
                (0..16).for_each(|_| group.broadcast("x".repeat(8 * 1024)).unwrap());
                group.members() == 0
            })
            .await;
        }
    }
}

/// The same future, begun already.
async fn begun(future: impl Future<Output = ()> + Send + 'static) -> Later<()> {
    let mut future: Later<()> = Box::pin(future);
    let early = poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await;
    match early {
        Poll::Ready(()) => Box::pin(std::future::ready(())),
        Poll::Pending => future,
    }
}
