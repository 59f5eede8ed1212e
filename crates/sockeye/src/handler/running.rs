//! Running: a trait handler at work for one connection.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{self, Poll};

use parking_lot::Mutex;

use crate::connection::{Cause, Disconnect, Frame};
use crate::engine::{Hook, Lifecycle, Progress, Spare};
use crate::group::{Gap, GroupName};
use crate::handler::failure::answer;
use crate::handler::isolation::{Panicked, Work, drop_isolated, failed, isolate};
use crate::handler::notice::complete;
use crate::handler::reading::read;
use crate::handler::reference;
use crate::handler::refusal::announce;
use crate::handler::reuse::{MessageHook, message_hook};
use crate::handler::slot::{self, Held, Slot, Through};
use crate::handler::{Context, Handler};
use crate::id::ConnectionId;
use crate::message::{Envelope, Payload};

/// A handler, its context and the hook that runs, if one does. An idle connection holds no future: each hook is made
/// for its call, and dropping it leaves the handler behind.
pub(crate) struct Running<H: Handler> {
    slot: Arc<Mutex<Slot<H>>>,
    /// The handler, unless a hook has it; one that is dropped before it is through unlocks the slot.
    held: Option<Held<H>>,
    /// What an open connection between two messages has none of.
    rare: Option<Box<Rare<H>>>,
}

struct Rare<H: Handler> {
    hook: Option<Work<Through<H>>>,
    /// What came around the message that it handles, if it handles one.
    handled: Option<Envelope>,
    /// The end that the handler has not heard of yet.
    disconnect: Option<Box<Disconnect>>,
    stage: Stage,
    /// Whether `on_connect` began, so that `on_disconnect` is owed.
    began: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The groups that the handler names are joined.
    Joining,
    Connecting,
    Open,
    Disconnecting,
    /// What belongs to the connection ends, whether or not the handler took its end well.
    Finishing,
    Finished,
}

impl<H: Handler> Rare<H> {
    /// As it is where there is none: open, and nothing on its way.
    fn open() -> Box<Self> {
        Box::new(Self {
            hook: None,
            handled: None,
            disconnect: None,
            stage: Stage::Open,
            began: true,
        })
    }

    fn is_open(&self) -> bool {
        self.stage == Stage::Open && self.began && self.hook.is_none() && self.disconnect.is_none()
    }
}

impl<H: Handler> Running<H> {
    pub(crate) fn new(handler: H, context: Context<H>) -> Self {
        let slot = Arc::new(Mutex::new(Slot { handler, context }));
        let mut rare = Rare::open();
        rare.stage = Stage::Joining;
        rare.began = false;
        Self {
            held: Some(slot.lock_arc()),
            slot,
            rare: Some(rare),
        }
    }

    fn rare(&mut self) -> &mut Rare<H> {
        self.rare.get_or_insert_with(Rare::open)
    }

    fn stage(&self) -> Stage {
        self.rare.as_ref().map_or(Stage::Open, |rare| rare.stage)
    }

    fn runs(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| rare.hook.is_some())
    }

    /// Hands the handler to a hook, until that is through.
    fn start(&mut self, stage: Stage, hook: impl FnOnce(Held<H>) -> Work<Through<H>>) {
        // Always there: a hook is only started when none runs.
        if let Some(held) = self.held.take() {
            let rare = self.rare();
            rare.stage = stage;
            rare.hook = Some(hook(held));
        }
    }

    fn start_connect(&mut self) {
        self.rare().began = true;
        self.start(Stage::Connecting, |held| Box::pin(slot::connect(held)));
    }

    fn start_disconnect(&mut self, disconnect: Box<Disconnect>) {
        let owed = self.rare().began.then_some(disconnect);
        self.start(Stage::Disconnecting, |held| {
            Box::pin(slot::leave(held, owed))
        });
    }

    fn start_finish(&mut self) {
        self.start(Stage::Finishing, |held| Box::pin(slot::finish(held)));
    }

    /// Runs `on_message` as far as it goes without waiting.
    fn handle(
        &mut self,
        message: H::Incoming,
        mut envelope: Envelope,
        cx: &mut task::Context<'_>,
        spare: &mut Spare,
    ) -> Progress {
        let mut hook = spare
            .take::<MessageHook<H>>()
            .unwrap_or_else(|| Box::new(message_hook()));
        let Some(held) = self.held.take() else {
            return self.poll(cx);
        };
        let begin = || hook.begin(held, message, cx);
        match isolate(|| reference::during(&mut envelope.reference, begin)) {
            Ok(Poll::Ready((held, Ok(())))) => {
                spare.leave(hook);
                complete(&held.context, &envelope);
                self.held = Some(held);
                Progress::Ready
            }
            Ok(Poll::Ready(through)) => {
                spare.leave(hook);
                match self.judge(through, Some(&envelope)) {
                    None => Progress::Ready,
                    Some(disconnect) => Progress::end(disconnect),
                }
            }
            Ok(Poll::Pending) => {
                let rare = self.rare();
                rare.hook = Some(Box::pin(poll_fn(move |cx| hook.poll(cx))));
                rare.handled = Some(envelope);
                Progress::Busy(Hook::Message)
            }
            Err(panicked) => {
                let _ = isolate(|| drop(hook));
                match self.panicked(&panicked) {
                    None => self.poll(cx),
                    Some(disconnect) => Progress::end(disconnect),
                }
            }
        }
    }

    /// Judges a hook that is through; gives how the connection must end, if it must.
    fn judge(
        &mut self,
        (held, outcome): Through<H>,
        handled: Option<&Envelope>,
    ) -> Option<Disconnect> {
        let failure = outcome.err().and_then(|error| match self.stage() {
            Stage::Open => answer(&held.context, error, handled).err(),
            _ => Some(failed(held.context.id(), error)),
        });
        if let (None, Some(envelope)) = (&failure, handled) {
            complete(&held.context, envelope);
        }
        self.held = Some(held);
        self.go_on(failure.is_none());
        failure
    }

    /// Drops a hook that panicked or took too long, and takes the handler back; gives whose it is.
    fn take_back(&mut self) -> ConnectionId {
        if let Some(hook) = self.rare.as_mut().and_then(|rare| rare.hook.take()) {
            // A panic while it is dropped changes nothing: it is gone either way.
            let _ = drop_isolated(hook);
        }
        let held = self.slot.lock_arc();
        let id = held.context.id();
        self.held = Some(held);
        id
    }

    /// What follows a hook, which did well or not.
    fn go_on(&mut self, well: bool) {
        let Some(rare) = &mut self.rare else { return };
        rare.hook = None;
        rare.handled = None;
        match rare.stage {
            Stage::Joining if well => self.start_connect(),
            Stage::Joining | Stage::Connecting | Stage::Open => rare.stage = Stage::Open,
            Stage::Disconnecting => self.start_finish(),
            Stage::Finishing | Stage::Finished => rare.stage = Stage::Finished,
        }
        if self.rare.as_ref().is_some_and(|rare| rare.is_open()) {
            self.rare = None;
        }
    }

    /// Does the next thing there is to do; `None` when another may follow at once.
    fn step(&mut self, cx: &mut task::Context<'_>) -> Option<Progress> {
        let running = self.running();
        let Some(rare) = &mut self.rare else {
            return Some(Progress::Ready);
        };
        if let Some(hook) = &mut rare.hook {
            let mut none = None;
            let handled = rare.handled.as_mut();
            let reference = handled.map_or(&mut none, |envelope| &mut envelope.reference);
            let poll = || hook.as_mut().poll(cx);
            return match isolate(|| reference::during(reference, poll)) {
                Ok(Poll::Pending) => Some(Progress::Busy(running)),
                Ok(Poll::Ready(through)) => {
                    let handled = rare.handled.take();
                    self.judge(through, handled.as_ref()).map(Progress::end)
                }
                Err(panicked) => self.panicked(&panicked).map(Progress::end),
            };
        }
        if rare.stage == Stage::Finished {
            return Some(Progress::Finished);
        }
        let Some(disconnect) = rare.disconnect.take() else {
            return Some(Progress::Ready);
        };
        self.start_disconnect(disconnect);
        None
    }

    /// Goes on after a panic; gives how the connection must end, unless it does already.
    fn panicked(&mut self, panicked: &Panicked) -> Option<Disconnect> {
        let ends = self.running() == Hook::Message;
        let (id, panic) = (self.take_back(), panicked.text());
        tracing::error!(connection = %id, panic, "a hook panicked");
        self.go_on(false);
        ends.then(|| Disconnect::because(Cause::HandlerPanicked))
    }

    fn running(&self) -> Hook {
        match self.stage() {
            Stage::Disconnecting => Hook::Disconnect,
            Stage::Finishing => Hook::Finish,
            Stage::Joining | Stage::Connecting | Stage::Open | Stage::Finished => Hook::Message,
        }
    }
}

impl<H: Handler> Lifecycle for Running<H> {
    fn name(&self) -> &'static str {
        std::any::type_name::<H>()
    }

    fn connect(&mut self) {
        if let Some(held) = &self.held {
            announce(held.context.peer());
        }
        self.start(Stage::Joining, |held| Box::pin(slot::join(held)));
    }

    fn message(
        &mut self,
        payload: Payload<'_>,
        cx: &mut task::Context<'_>,
        spare: &mut Spare,
    ) -> Progress {
        let Some(held) = &self.held else {
            // Never: a message only comes when no hook runs.
            return self.poll(cx);
        };
        let mut envelope = Envelope::default();
        match read(&held.context, payload, &mut envelope) {
            Ok(Some(message)) => self.handle(message, envelope, cx, spare),
            Ok(None) => self.poll(cx),
            Err(disconnect) => Progress::end(disconnect),
        }
    }

    fn gap(&mut self, topic: &Arc<str>, messages: u64) {
        let gap = Gap::new(GroupName::of_topic(Arc::clone(topic)), messages);
        self.start(Stage::Open, |held| Box::pin(slot::tell(held, gap)));
    }

    fn event(&mut self, topic: &Arc<str>, frame: Frame) {
        if let Some(held) = &self.held {
            let event = held.context.peer().event(topic, frame);
            self.start(Stage::Open, |held| Box::pin(slot::hear(held, event)));
        }
    }

    fn disconnect(&mut self, disconnect: Disconnect) {
        let untold = &mut self.rare().disconnect;
        untold.get_or_insert_with(|| Box::new(disconnect));
    }

    fn cancel(&mut self, hook: Hook) {
        if self.runs() && self.running() == hook {
            self.take_back();
            self.go_on(false);
        }
    }

    fn poll(&mut self, cx: &mut task::Context<'_>) -> Progress {
        loop {
            if let Some(progress) = self.step(cx) {
                return progress;
            }
        }
    }
}
