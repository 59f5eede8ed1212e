//! Function handlers: `async fn(extractors..., WebSocket)`.

use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::FromRequestParts;
use http::request::Parts;
use sockeye_protocol::CloseCode;

use crate::connection::{Cause, Disconnect, Frame};
use crate::engine::{Hook, Lifecycle, Progress, Spare};
use crate::error::Result;
use crate::group::{Gap, GroupName};
use crate::handler::endpoint::{Accept, Accepted, Admission, Start};
use crate::handler::isolation::{Work, drop_isolated, failed, isolate, poll_isolated};
use crate::handler::refusal::announce;
use crate::handler::{Endpoint, IntoEndpoint};
use crate::handshake::{Handshake, extract};
use crate::message::Payload;
use crate::socket::{Mailbox, Peer, WebSocket};

/// What a function handler may give: nothing, or a `Result` whose error closes the connection with 1011.
#[diagnostic::on_unimplemented(
    message = "a function handler cannot give `{Self}`",
    label = "expected `()` or `sockeye::Result<()>`",
    note = "end it with `Ok(())`; `?` turns any error into a `sockeye::Error`"
)]
pub trait Outcome: Send + 'static {
    /// The outcome as a result.
    ///
    /// # Errors
    /// The handler's own.
    fn into_result(self) -> Result<()>;
}

impl Outcome for () {
    fn into_result(self) -> Result<()> {
        Ok(())
    }
}

impl Outcome for Result<()> {
    fn into_result(self) -> Self {
        self
    }
}

/// An async function of up to five extractors and a [`WebSocket`], which comes last.
///
/// Extractors run during the handshake: all of axum's that do not need the body, such as `axum::extract::{Query, State,
/// Extension}` and `http::HeaderMap`, those of `axum-extra` for headers, cookies and credentials, [`Path`](crate::Path)
/// for the parameters of the route (axum's own `Path` only sees axum's routes), [`App`](crate::App), and whatever
/// implements `axum::extract::FromRequestParts`. One that refuses is the HTTP answer that the client gets instead of
/// the upgrade.
///
/// When the function returns the connection closes with 1000, when it fails or panics with 1011, and with 4000 + status
/// after [`Error::refused`](crate::Error::refused), unless it has called [`close`](crate::Peer::close) before. When the
/// connection ends first, the function still has the disconnect timeout to come to its own end.
///
/// ```
/// use std::collections::HashMap;
///
/// use axum::extract::Query;
/// use sockeye::{Path, Result, Router, WebSocket};
///
/// async fn greet(
///     Path(room): Path<String>,
///     Query(query): Query<HashMap<String, String>>,
///     mut socket: WebSocket,
/// ) -> Result<()> {
///     let greeting = query.get("greeting").map_or("hello", String::as_str);
///     while let Some(name) = socket.receive_text().await? {
///         socket.send_text(&format!("{greeting} {name}, this is {room}")).await?;
///     }
///     Ok(())
/// }
///
/// let routes: Router = Router::new().route("/rooms/{room:slug}", greet);
/// # let _ = routes;
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a function handler",
    label = "not a function handler",
    note = "a function handler is an `async fn` whose last argument is `WebSocket`, whose at most five arguments before \
            it are extractors (`sockeye::Path`, `axum::extract::{{Query, State}}`, ...), and which gives `()` or \
            `sockeye::Result<()>`"
)]
pub trait FunctionHandler<S, M>: Clone + Send + Sync + 'static {
    #[doc(hidden)]
    #[expect(private_interfaces, reason = "the trait is sealed by this method")]
    fn call<'a>(&'a self, parts: &'a mut Parts, state: &'a S) -> Accepted<'a>;
}

struct Function<F, M>(F, PhantomData<fn(M)>);

impl<S, M: 'static, F: FunctionHandler<S, M>> Accept<S> for Function<F, M> {
    fn accept<'a>(
        &'a self,
        parts: &'a mut Parts,
        _: &'a mut Handshake,
        state: &'a S,
    ) -> Accepted<'a> {
        self.0.call(parts, state)
    }
}

/// Marks the [`IntoEndpoint`] of functions.
#[derive(Debug)]
pub struct FromFunction<M>(PhantomData<M>);

impl<S, M, F> IntoEndpoint<S, FromFunction<M>> for F
where
    S: Clone + Send + Sync + 'static,
    M: 'static,
    F: FunctionHandler<S, M>,
{
    fn into_endpoint(self) -> Endpoint<S> {
        Endpoint::new(Function(self, PhantomData))
    }
}

macro_rules! function {
    ($($extractor:ident),*) => {
        #[allow(non_snake_case, unused_variables, reason = "one macro for every number of arguments")]
        impl<S, F, Fut, Out, $($extractor,)*> FunctionHandler<S, (Out, $($extractor,)*)> for F
        where
            S: Send + Sync + 'static,
            F: Fn($($extractor,)* WebSocket) -> Fut + Clone + Send + Sync + 'static,
            Fut: Future<Output = Out> + Send + 'static,
            Out: Outcome,
            $($extractor: FromRequestParts<S> + Send + 'static,)*
        {
            #[expect(private_interfaces, reason = "the trait is sealed by this method")]
            fn call<'a>(&'a self, parts: &'a mut Parts, state: &'a S) -> Accepted<'a> {
                Box::pin(async move {
                    $(let $extractor = extract::<$extractor, S>(parts, state).await?;)*
                    let function = self.clone();
                    let start: Start = Box::new(move |admission| {
                        Called::<F>::start(admission, move |socket| {
                            Box::pin(async move { function($($extractor,)* socket).await.into_result() })
                        })
                    });
                    Ok(start)
                })
            }
        }
    };
}

function!();
function!(T1);
function!(T1, T2);
function!(T1, T2, T3);
function!(T1, T2, T3, T4);
function!(T1, T2, T3, T4, T5);

/// A function handler at work for one connection: its one future lives as long as the connection.
struct Called<F> {
    function: PhantomData<fn(F)>,
    peer: Arc<Peer>,
    mailbox: Mailbox,
    work: Option<Work<Result<()>>>,
    stage: Stage,
    ending: bool,
}

/// What the work of a function handler is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The function itself, whose connection is not its own yet.
    Waiting,
    /// The function itself.
    Function,
    /// What is left to do once the function is through.
    Finish,
}

impl<F: 'static> Called<F> {
    fn start(
        mut admission: Admission,
        call: impl FnOnce(WebSocket) -> Work<Result<()>>,
    ) -> Box<dyn Lifecycle> {
        let state = std::mem::take(admission.handshake.state_mut());
        let peer = Arc::new(admission.into_peer());
        let mailbox = Mailbox::default();
        let work = call(WebSocket::new(Arc::clone(&peer), mailbox.clone(), state));
        Box::new(Self {
            function: PhantomData,
            peer,
            mailbox,
            work: Some(work),
            stage: Stage::Waiting,
            ending: false,
        })
    }

    fn start_finish(&mut self) {
        self.stage = Stage::Finish;
        let peer = Arc::clone(&self.peer);
        self.work = Some(Box::pin(async move {
            peer.leave_all();
            peer.finish().await;
            Ok(())
        }));
    }

    /// Judges the function's own end; gives how the connection must end, unless it already does.
    fn judge(&self, outcome: Result<()>) -> Option<Disconnect> {
        if self.ending {
            // It ended because the connection did; errors are its way to say so. Their own drop may do anything.
            let _ = isolate(move || drop(outcome));
            return None;
        }
        Some(match outcome {
            Ok(()) => Disconnect::server_closed(CloseCode::NORMAL, ""),
            Err(error) => failed(self.peer.id(), error),
        })
    }

    /// Drives the function; `None` when it is through because the connection is.
    fn poll_function(&mut self, cx: &mut Context<'_>) -> Option<Progress> {
        match poll_isolated(&mut self.work, cx) {
            Poll::Pending if self.ending => Some(Progress::Busy(Hook::Disconnect)),
            Poll::Pending => Some(match self.mailbox.poll_room(cx) {
                Poll::Ready(()) => Progress::Ready,
                Poll::Pending => Progress::Busy(Hook::Pickup),
            }),
            Poll::Ready(Ok(outcome)) => self.judge(outcome).map(Progress::end),
            Poll::Ready(Err(panicked)) => {
                let panic = panicked.text();
                tracing::error!(connection = %self.peer.id(), panic, "a handler panicked");
                Some(Progress::end(Disconnect::because(Cause::HandlerPanicked)))
            }
        }
    }
}

impl<F: 'static> Lifecycle for Called<F> {
    fn name(&self) -> &'static str {
        std::any::type_name::<F>()
    }

    fn connect(&mut self) {
        announce(&self.peer);
        self.stage = Stage::Function;
    }

    fn message(&mut self, payload: Payload<'_>, cx: &mut Context<'_>, _: &mut Spare) -> Progress {
        // Polled right afterwards: whom this would wake need not be woken.
        self.mailbox.put(payload.to_message(), cx.waker());
        self.poll(cx)
    }

    fn gap(&mut self, topic: &Arc<str>, messages: u64) {
        let group = GroupName::of_topic(Arc::clone(topic));
        self.mailbox.gap(Gap::new(group, messages));
    }

    fn event(&mut self, topic: &Arc<str>, frame: Frame) {
        // A function has one thread of its own and no place for this: its client is told.
        self.peer.send(self.peer.event(topic, frame));
    }

    fn disconnect(&mut self, disconnect: Disconnect) {
        self.ending = true;
        self.mailbox.end(disconnect);
    }

    fn cancel(&mut self, hook: Hook) {
        let running = match self.stage {
            Stage::Waiting | Stage::Function => Hook::Disconnect,
            Stage::Finish => Hook::Finish,
        };
        // A function is no hook of messages: it sees the end and has its time to take it. A panic while it is dropped
        // changes nothing: it is gone either way.
        if hook == running {
            let _ = self.work.take().map(drop_isolated);
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Progress {
        if self.stage == Stage::Waiting {
            return Progress::Finished;
        }
        if self.stage == Stage::Function {
            if self.work.is_some()
                && let Some(progress) = self.poll_function(cx)
            {
                return progress;
            }
            if !self.ending {
                // The end that it asked for has not come back yet.
                return Progress::Full;
            }
            self.start_finish();
        }
        match poll_isolated(&mut self.work, cx) {
            Poll::Pending if self.work.is_some() => Progress::Busy(Hook::Finish),
            _ => Progress::Finished,
        }
    }
}
