//! Watch: what async-nats tells of a connection beside its messages, and what that means.

use std::collections::{HashMap, HashSet};

use async_nats::Event;
use parking_lot::Mutex;
use sockeye::{Error, Inbound};
use tokio::sync::Notify;

use crate::probes::Probes;

pub(crate) struct Watch {
    /// Which server, for errors.
    place: String,
    pub(crate) inbound: Inbound,
    pub(crate) probes: Probes,
    /// Told once the session is over.
    pub(crate) over: Notify,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What the server complained about last, which may be why it hangs up.
    complaint: Option<String>,
    /// Why the session is over.
    end: Option<String>,
    /// The subjects that the call under way asks for, and what the server said about them.
    asked: HashSet<String>,
    refusal: Option<String>,
    /// The subjects that nothing may be published to, and what the server said.
    denied: HashMap<String, String>,
}

/// Denied subjects that are remembered; the server is asked again for others.
const DENIED_MAX: usize = 1_024;

impl Watch {
    pub(crate) fn new(place: String, inbound: Inbound) -> Self {
        Self {
            place,
            inbound,
            probes: Probes::default(),
            over: Notify::new(),
            state: Mutex::default(),
        }
    }

    pub(crate) fn event(&self, event: Event) {
        match event {
            Event::Disconnected | Event::Closed => self.end("the connection ended"),
            Event::SlowConsumer(_) => self
                .inbound
                .missed("a topic's messages came faster than they were read"),
            Event::ServerError(error) => self.complaint(&error.to_string()),
            Event::LameDuckMode => tracing::info!("{} is about to shut down", self.place),
            // Attempts to connect again, which are in vain, and the end that we ask for ourselves.
            Event::Connected | Event::Draining | Event::ClientError(_) => {}
        }
    }

    /// The session is over; the first reason counts.
    pub(crate) fn end(&self, why: &str) {
        let mut state = self.state.lock();
        if state.end.is_none() {
            let why = match &state.complaint {
                Some(complaint) => format!("{}: {why}: {complaint}", self.place),
                None => format!("{}: {why}", self.place),
            };
            state.end = Some(why.clone());
            drop(state);
            self.probes.close();
            self.over.notify_one();
            self.inbound.ended(Error::new(why));
        }
    }

    /// Why there is no more of the session.
    pub(crate) fn reason(&self) -> Error {
        let state = self.state.lock();
        Error::new(match &state.end {
            Some(why) => why.clone(),
            None => format!("{}: the connection ended", self.place),
        })
    }

    /// Begins to ask for subscriptions.
    pub(crate) fn ask(&self, subjects: impl Iterator<Item = String>) {
        let mut state = self.state.lock();
        state.asked = subjects.collect();
        state.refusal = None;
    }

    /// What the server had against what was asked for.
    pub(crate) fn answer(&self) -> Option<Error> {
        let mut state = self.state.lock();
        state.asked = HashSet::new();
        let refusal = state.refusal.take()?;
        Some(Error::new(format!("{} refuses: {refusal}", self.place)))
    }

    /// What the server had against publishing to a subject.
    pub(crate) fn denied(&self, subject: &str) -> Option<Error> {
        let state = self.state.lock();
        state.denied.get(subject).map(Error::new)
    }

    /// Puts a complaint where it belongs: it does not say which call it is about, but mostly which subject.
    fn complaint(&self, text: &str) {
        let text = text.strip_prefix("nats: ").unwrap_or(text);
        let mut state = self.state.lock();
        let subject = text.split('"').nth(1);
        let denied = text.contains("Permissions Violation");
        if subject.is_some_and(|it| it.contains("._probe.")) {
            state.complaint = Some(text.to_owned());
            drop(state);
            self.end(
                "a node must be allowed to publish and to subscribe to what is below its prefix",
            );
        } else if let Some(subject) = subject.filter(|_| denied && text.contains("Publish")) {
            if state.denied.len() < DENIED_MAX {
                state.denied.insert(subject.to_owned(), text.to_owned());
            }
        } else if subject.map_or(!state.asked.is_empty(), |it| state.asked.contains(it)) {
            state.refusal = Some(text.to_owned());
        } else if denied {
            // It seemed to be live, and whoever joined was told so.
            state.complaint = Some(text.to_owned());
            drop(state);
            self.end("a subscription was taken back");
        } else {
            tracing::warn!("{} says: {text}", self.place);
            state.complaint = Some(text.to_owned());
        }
    }
}
