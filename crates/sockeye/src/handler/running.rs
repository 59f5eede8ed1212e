//! Running: a trait handler at work for one connection.

use std::sync::Arc;
use std::task::{self, Poll};

use parking_lot::{ArcMutexGuard, Mutex, RawMutex};

use crate::config::OnError;
use crate::connection::{Cause, Disconnect};
use crate::engine::{Hook, Lifecycle, Progress};
use crate::error::{Error, Result};
use crate::handler::isolation::{Work, drop_isolated, failed, isolate, poll_isolated};
use crate::handler::refusal::error_frame;
use crate::handler::{Context, Handler};
use crate::message::{Incoming, Payload};
use crate::socket::Sender;

/// A handler, its context and the hook that runs, if one does. An idle connection holds no future: each hook is made
/// for its call, and owns the lock on the handler while it runs, so that dropping it leaves the handler behind.
pub(crate) struct Running<H: Handler> {
    slot: Arc<Mutex<Slot<H>>>,
    sender: Sender,
    on_error: OnError,
    hook: Option<Work<Result<()>>>,
    stage: Stage,
    disconnect: Option<Disconnect>,
}

struct Slot<H: Handler> {
    handler: H,
    context: Context<H>,
    /// Whether `on_connect` began, so that `on_disconnect` is owed.
    began: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Connecting,
    Open,
    Disconnecting,
    /// What belongs to the connection ends, whether or not the handler took its end well.
    Finishing,
    Finished,
}

impl<H: Handler> Running<H> {
    pub(crate) fn new(handler: H, context: Context<H>) -> Self {
        Self {
            sender: context.peer().sender(),
            on_error: context.peer().options().on_error,
            slot: Arc::new(Mutex::new(Slot {
                handler,
                context,
                began: false,
            })),
            hook: None,
            stage: Stage::Connecting,
            disconnect: None,
        }
    }

    /// Locks the handler for a hook. Never contended: a hook is only started when none runs.
    fn lock(&self) -> ArcMutexGuard<RawMutex, Slot<H>> {
        self.slot.lock_arc()
    }

    fn start_disconnect(&mut self, disconnect: Disconnect) {
        self.stage = Stage::Disconnecting;
        let mut slot = self.lock();
        self.hook = Some(Box::pin(async move {
            let Slot {
                handler,
                context,
                began,
            } = &mut *slot;
            context.peer().leave_all();
            if *began {
                handler.on_disconnect(context, disconnect).await;
            }
            Ok(())
        }));
    }

    fn start_finish(&mut self) {
        self.stage = Stage::Finishing;
        let slot = self.lock();
        self.hook = Some(Box::pin(async move {
            slot.context.peer().finish().await;
            Ok(())
        }));
    }

    /// Judges a hook that has ended; gives how the connection must end, if it must.
    fn judge(&mut self, outcome: Result<()>) -> Option<Disconnect> {
        let id = self.sender.id();
        let stage = self.stage;
        match (stage, outcome) {
            (Stage::Connecting, Ok(())) => self.stage = Stage::Open,
            (Stage::Open | Stage::Finished, Ok(())) => {}
            (Stage::Disconnecting, _) => self.start_finish(),
            (Stage::Finishing, _) => self.stage = Stage::Finished,
            (Stage::Open, Err(error)) if self.on_error == OnError::Reply => {
                return self.reply_with(error).err();
            }
            (_, Err(error)) => {
                self.stage = Stage::Open;
                return Some(failed(id, error));
            }
        }
        None
    }

    /// Tells the peer of an error, and goes on.
    fn reply_with(&self, error: Error) -> Result<(), Disconnect> {
        let id = self.sender.id();
        // How an error shows itself, and how it goes, is code of the application too.
        let frame = isolate(move || error_frame(id, &error))
            .map_err(|_| Disconnect::because(Cause::HandlerPanicked))?;
        if let Err(error) = self.sender.try_send(frame) {
            tracing::warn!(connection = %id, %error, "an error frame was not sent");
        }
        Ok(())
    }

    /// Does the next thing there is to do; `None` when another may follow at once.
    fn step(&mut self, cx: &mut task::Context<'_>) -> Option<Progress> {
        if self.hook.is_some() {
            return self.poll_hook(cx);
        }
        if self.stage == Stage::Finished {
            return Some(Progress::Finished);
        }
        let Some(disconnect) = self.disconnect.take() else {
            return Some(Progress::Ready);
        };
        self.start_disconnect(disconnect);
        None
    }

    /// Drives the hook that runs; `None` when it is through and the connection goes on.
    fn poll_hook(&mut self, cx: &mut task::Context<'_>) -> Option<Progress> {
        match poll_isolated(&mut self.hook, cx) {
            Poll::Pending => Some(Progress::Busy(self.running())),
            Poll::Ready(Ok(outcome)) => self.judge(outcome).map(Progress::End),
            Poll::Ready(Err(panicked)) => {
                let panic = panicked.text();
                tracing::error!(connection = %self.sender.id(), panic, "a hook panicked");
                match self.stage {
                    Stage::Disconnecting => self.start_finish(),
                    Stage::Finishing => self.stage = Stage::Finished,
                    Stage::Connecting | Stage::Open | Stage::Finished => {
                        self.stage = Stage::Open;
                        return Some(Progress::End(Disconnect::because(Cause::HandlerPanicked)));
                    }
                }
                None
            }
        }
    }

    fn running(&self) -> Hook {
        match self.stage {
            Stage::Disconnecting => Hook::Disconnect,
            Stage::Finishing => Hook::Finish,
            Stage::Connecting | Stage::Open | Stage::Finished => Hook::Message,
        }
    }
}

impl<H: Handler> Lifecycle for Running<H> {
    fn connect(&mut self) {
        let mut slot = self.lock();
        self.hook = Some(Box::pin(async move {
            let Slot {
                handler,
                context,
                began,
            } = &mut *slot;
            for group in handler.groups(context)? {
                context.join(group).await?;
            }
            *began = true;
            handler.on_connect(context).await
        }));
    }

    fn message(&mut self, payload: Payload<'_>, _: &task::Waker) -> Result<(), Disconnect> {
        let id = self.sender.id();
        let decoded = isolate(|| {
            H::Incoming::decode(payload).map_err(|error| {
                tracing::debug!(connection = %id, ?error, "a message was not taken");
                (error.to_string(), Disconnect::bad_message(&error))
            })
        });
        let message = match decoded {
            Ok(Ok(message)) => message,
            Ok(Err((text, _))) if self.on_error == OnError::Reply => {
                return self.reply_with(Error::refused(400, text));
            }
            Ok(Err((_, disconnect))) => return Err(disconnect),
            Err(panicked) => {
                tracing::error!(connection = %id, panic = panicked.text(), "decoding panicked");
                return Err(Disconnect::because(Cause::HandlerPanicked));
            }
        };
        let mut slot = self.lock();
        self.hook = Some(Box::pin(async move {
            let Slot {
                handler, context, ..
            } = &mut *slot;
            handler.on_message(context, message).await
        }));
        Ok(())
    }

    fn disconnect(&mut self, disconnect: Disconnect) {
        self.disconnect.get_or_insert(disconnect);
    }

    fn cancel(&mut self, hook: Hook) {
        if self.hook.is_some() && self.running() == hook {
            // A panic while it is dropped changes nothing: it is gone either way.
            let _ = drop_isolated(&mut self.hook);
            match self.stage {
                Stage::Connecting => self.stage = Stage::Open,
                Stage::Disconnecting => self.start_finish(),
                Stage::Finishing => self.stage = Stage::Finished,
                Stage::Open | Stage::Finished => {}
            }
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
