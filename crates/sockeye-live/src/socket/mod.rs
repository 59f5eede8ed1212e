//! ModelSocket: a connection to `/ws/{table}`, with its subscription and the model's handler.

mod admission;
mod answer;
mod handler;
mod request;
mod shown;

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::value::RawValue;
use sockeye::{Context, Disconnect, Event, Gap, Handler, Peer};

pub use handler::{ModelContext, ModelHandler, Received};
pub(crate) use shown::Shown;

use crate::error::{Error, ErrorKind, Result};
use crate::feed::{ANEW, Subscriber};
use crate::resource::Resource;
use admission::Admission;
use request::{Asked, Request, Subscribe};

/// Requests that wait for the end of the subscription before them: more than any client has a use for.
const WAITING_MAX: usize = 16;

/// One connection.
pub(crate) struct ModelSocket<H> {
    resource: Arc<Resource>,
    handler: H,
    watched: Option<Watched>,
    /// What was asked while a subscription was coming to its end: it is not over before all of its events are sent.
    waiting: VecDeque<(Asked, Option<Box<RawValue>>)>,
}

/// A subscription.
struct Watched {
    subscriber: Arc<Subscriber>,
    asked: Subscribe,
}

impl<H: ModelHandler> ModelSocket<H> {
    pub(crate) fn new(resource: Arc<Resource>, handler: H) -> Self {
        Self {
            resource,
            handler,
            watched: None,
            waiting: VecDeque::new(),
        }
    }

    async fn ask(&mut self, peer: &Peer, request: Request) {
        let Request {
            asked,
            resource,
            reference,
        } = request;
        if let Err(error) = self.check(peer, resource.as_deref(), &asked) {
            return self.refuse(peer, &error, reference.as_deref());
        }
        self.waiting.push_back((asked, reference));
        match &self.watched {
            None => self.go_on(peer, false).await,
            // The handler hears when it is over.
            Some(watched) => end(peer, watched),
        }
    }

    /// What can be said at once: a request that is wrong in itself ends nothing that is watched.
    fn check(&self, peer: &Peer, resource: Option<&str>, asked: &Asked) -> Result<()> {
        let known = self.resource.table.name();
        if let Some(found) = resource.filter(|found| *found != known) {
            let text = format!("there is no resource {found:?} here, it is {known:?}");
            return Err(Error::new(ErrorKind::NotFound, text));
        }
        if self.waiting.len() >= WAITING_MAX {
            let text = format!("{WAITING_MAX} requests wait already: wait for their answers");
            return Err(Error::new(ErrorKind::Busy, text));
        }
        if let Asked::Subscribe(asked) = asked {
            let columns = self.resource.guard.columns(peer.handshake());
            self.resource.filter(&columns, &asked.filter)?;
        }
        Ok(())
    }

    /// Does what waits, until something is watched that has to end before the rest is done. `replaces` says that
    /// something was watched until now.
    async fn go_on(&mut self, peer: &Peer, mut replaces: bool) {
        while let Some((asked, reference)) = self.waiting.pop_front() {
            match asked {
                Asked::Unsubscribe => {
                    peer.send(answer::unsubscribed(
                        &self.resource.table,
                        reference.as_deref(),
                    ));
                }
                Asked::Subscribe(asked) => {
                    self.subscribe(peer, asked, reference.as_deref(), replaces)
                        .await;
                }
            }
            replaces = false;
            if let Some(watched) = self.watched.as_ref().filter(|_| !self.waiting.is_empty()) {
                return end(peer, watched);
            }
        }
    }

    async fn subscribe(
        &mut self,
        peer: &Peer,
        asked: Subscribe,
        reference: Option<&RawValue>,
        replaces: bool,
    ) {
        let resource = &*self.resource;
        let admission = Admission {
            peer,
            resource,
            asked: &asked,
        };
        match admission.answer(reference).await {
            Ok(subscriber) => self.watched = Some(Watched { subscriber, asked }),
            Err(error) => {
                self.refuse(peer, &error, reference);
                if replaces {
                    peer.send(answer::unsubscribed(&self.resource.table, None));
                }
            }
        }
    }

    /// Hears that the subscription is over: for what waits, or because what it was let in by holds no more.
    async fn ended(&mut self, peer: &Peer, watched: Watched) -> sockeye::Result<()> {
        if let Some(view) = watched.subscriber.view() {
            peer.leave(view.group().name())?;
        }
        if !self.waiting.is_empty() {
            self.go_on(peer, true).await;
            return Ok(());
        }
        let asked = watched.asked;
        let resource = &*self.resource;
        let admission = Admission {
            peer,
            resource,
            asked: &asked,
        };
        match admission.anew().await {
            Ok(subscriber) => self.watched = Some(Watched { subscriber, asked }),
            Err(error) => {
                self.refuse(peer, &error, None);
                peer.send(answer::unsubscribed(&self.resource.table, None));
            }
        }
        Ok(())
    }

    fn refuse(&self, peer: &Peer, error: &Error, reference: Option<&RawValue>) {
        if error.is_internal() {
            let source = std::error::Error::source(error);
            tracing::error!(connection = %peer.id(), %error, ?source, "a subscription failed");
        }
        peer.send(answer::refusal(&self.resource.table, error, reference));
    }

    /// Takes what is watched, when the group is that of its view.
    fn take_watched(&mut self, group: &sockeye::GroupName) -> Option<Watched> {
        let view = self.watched.as_ref()?.subscriber.view()?;
        (view.group().name() == group).then(|| self.watched.take())?
    }
}

/// Has the handler hear, as an event, when all that was published for a subscription before is on its way.
fn end(peer: &Peer, watched: &Watched) {
    if let Some(view) = watched.subscriber.view()
        && let Err(error) = peer.sender().expel(view.group(), ANEW)
    {
        tracing::error!(connection = %peer.id(), %error, "a subscription cannot be ended");
    }
}

impl<H: ModelHandler> Handler for ModelSocket<H> {
    type Incoming = String;
    type Outgoing = String;

    async fn on_connect(&mut self, cx: &mut Context<Self>) -> sockeye::Result<()> {
        let mut context = ModelContext::new(cx, &self.resource);
        self.handler.on_connect(&mut context).await
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, text: String) -> sockeye::Result<()> {
        match Request::read(&text) {
            Some(Ok(request)) => {
                self.ask(cx, request).await;
                Ok(())
            }
            Some(Err(error)) => {
                self.refuse(cx, &error, None);
                Ok(())
            }
            None => {
                let mut context = ModelContext::new(cx, &self.resource);
                self.handler.on_message(&mut context, text).await
            }
        }
    }

    async fn on_event(&mut self, cx: &mut Context<Self>, event: Event) -> sockeye::Result<()> {
        match self.take_watched(event.group()) {
            Some(watched) => self.ended(cx, watched).await,
            None => {
                let mut context = ModelContext::new(cx, &self.resource);
                self.handler.on_event(&mut context, event).await
            }
        }
    }

    async fn on_gap(&mut self, cx: &mut Context<Self>, gap: Gap) -> sockeye::Result<()> {
        let view = self
            .watched
            .as_ref()
            .and_then(|watched| watched.subscriber.view());
        if view.is_some_and(|view| view.group().name() == &gap.group) {
            // Begins anew once what is left of it has been sent.
            self.watched.iter().for_each(|watched| end(cx, watched));
            return Ok(());
        }
        let mut context = ModelContext::new(cx, &self.resource);
        self.handler.on_gap(&mut context, gap).await
    }

    async fn on_disconnect(&mut self, cx: &mut Context<Self>, disconnect: Disconnect) {
        let mut context = ModelContext::new(cx, &self.resource);
        self.handler.on_disconnect(&mut context, disconnect).await;
    }
}
