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
    /// Told when messages were lost on their way to the reader.
    pub(crate) lost: Notify,
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
    refusals: Refusals,
    /// The subjects that nothing may be published to, and what the server said.
    denied: HashMap<String, String>,
}

/// What the server has against subscriptions.
#[derive(Default)]
pub(crate) struct Refusals {
    /// By their subjects.
    pub(crate) named: HashMap<String, String>,
    /// What it said of none in particular.
    pub(crate) unnamed: Option<String>,
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
            lost: Notify::new(),
            state: Mutex::default(),
        }
    }

    pub(crate) fn event(&self, event: Event) {
        match event {
            Event::Disconnected | Event::Closed => self.end("the connection ended"),
            Event::SlowConsumer(_) => self.lost.notify_one(),
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
        state.refusals = Refusals::default();
    }

    /// What the server had against what was asked for.
    pub(crate) fn answer(&self) -> Refusals {
        let mut state = self.state.lock();
        state.asked = HashSet::new();
        std::mem::take(&mut state.refusals)
    }

    /// A refusal in words.
    pub(crate) fn refuses(&self, text: &str) -> Error {
        Error::new(format!("{} refuses: {text}", self.place))
    }

    /// What the server had against publishing to a subject.
    pub(crate) fn denied(&self, subject: &str) -> Option<Error> {
        let state = self.state.lock();
        state.denied.get(subject).map(Error::new)
    }

    /// Puts a complaint where it belongs.
    fn complaint(&self, text: &str) {
        let text = text.strip_prefix("nats: ").unwrap_or(text);
        tracing::warn!("{} says: {text}", self.place);
        let mut state = self.state.lock();
        let over = match About::of(text, &state.asked) {
            About::Publishing(subject) => return state.deny(subject, text),
            About::Asking(subject) => return state.refusals.add(subject, text),
            About::Probes => {
                Some("a node must be allowed to publish and to subscribe below its prefix")
            }
            About::Subscriptions => Some("a subscription was taken back"),
            About::Connection => None,
        };
        state.complaint = Some(text.to_owned());
        drop(state);
        if let Some(why) = over {
            self.end(why);
        }
    }
}

impl State {
    fn deny(&mut self, subject: &str, text: &str) {
        if self.denied.len() < DENIED_MAX {
            self.denied.insert(subject.to_owned(), text.to_owned());
        }
    }
}

impl Refusals {
    fn add(&mut self, subject: Option<&str>, text: &str) {
        match subject {
            Some(subject) => drop(self.named.insert(subject.to_owned(), text.to_owned())),
            None => self.unnamed = Some(text.to_owned()),
        }
    }
}

/// What a complaint is about: it does not say which call, but mostly which subject.
enum About<'a> {
    Probes,
    Publishing(&'a str),
    /// Subscriptions that are being asked for: one of them, or which nobody knows.
    Asking(Option<&'a str>),
    /// Subscriptions that seemed to be live, as whoever joined was told.
    Subscriptions,
    Connection,
}

impl<'a> About<'a> {
    fn of(text: &'a str, asked: &HashSet<String>) -> Self {
        let denied = text.contains("Permissions Violation");
        match text.split('"').nth(1) {
            Some(subject) if subject.contains("._probe.") => Self::Probes,
            Some(subject) if denied && text.contains("Publish") => Self::Publishing(subject),
            Some(subject) if asked.contains(subject) => Self::Asking(Some(subject)),
            None if !asked.is_empty() => Self::Asking(None),
            _ if denied || text.contains("subscriptions exceeded") => Self::Subscriptions,
            _ => Self::Connection,
        }
    }
}
