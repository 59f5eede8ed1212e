//! Captured: what a hub has published since a test began to look.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use serde::de::DeserializeOwned;

use crate::connection::Frame;
use crate::engine::Audience;
use crate::group::{GroupName, Hub, Watch};
use crate::message::{Incoming, Json, MessageKind, Payload, RawMessage};
use crate::testing::dialect::Dialect;
use crate::testing::patience::{PATIENCE, Patience};

/// Publications that are kept; the oldest go first. More than any test counts.
const PUBLICATIONS_MAX: usize = 65_536;

/// What was published to one group, or to all: by handlers, and from outside. Made by
/// [`TestServer::capture`](crate::testing::TestServer::capture); dropped, it looks no longer.
///
/// Publications of other nodes that come in through a broker are not among them.
///
/// ```
/// # use sockeye::testing::TestServer;
/// # use sockeye::{Result, Router, WebSocket};
/// async fn shout(mut socket: WebSocket) -> Result<()> {
///     while let Some(text) = socket.receive_text().await? {
///         socket.group("street")?.broadcast(text.to_uppercase())?;
///     }
///     Ok(())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let server = TestServer::new(Router::new().route("/shout", shout));
/// let captured = server.capture("street");
/// let client = server.connect("/shout").await;
/// client.send_text("hi");
/// client.settled().await;
/// assert_eq!(captured.texts(), ["HI"]);
/// # }
/// ```
pub struct Captured {
    lens: Arc<Lens>,
    /// Held for as long as it looks: the hub knows it by a weak reference.
    _watch: Arc<dyn Watch>,
}

/// One publication.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CapturedMessage {
    /// To whom.
    pub group: GroupName,
    /// What.
    pub message: RawMessage,
    /// Whether one connection was left out: that of the handler that published it.
    pub to_others: bool,
    /// Whether it is for the members' handlers, and not for their clients.
    pub to_handlers: bool,
}

struct Lens {
    group: Option<GroupName>,
    /// What is published from outside of any endpoint is written in this form.
    dialect: Dialect,
    withholds: AtomicBool,
    seen: Mutex<VecDeque<CapturedMessage>>,
}

impl Captured {
    pub(crate) fn new(hub: &Hub, group: Option<GroupName>) -> Self {
        let lens = Arc::new(Lens {
            group,
            dialect: Dialect::new(hub.engine().wire().clone()),
            withholds: AtomicBool::new(false),
            seen: Mutex::default(),
        });
        let watch: Arc<dyn Watch> = Arc::<Lens>::clone(&lens);
        hub.watch(&watch);
        Self {
            lens,
            _watch: watch,
        }
    }

    /// Keeps what is published from now on from the members, and from other nodes.
    #[must_use]
    pub fn withhold(self) -> Self {
        self.lens.withholds.store(true, Ordering::Relaxed);
        self
    }

    /// All of it so far, in order.
    #[must_use]
    pub fn messages(&self) -> Vec<CapturedMessage> {
        self.lens.seen.lock().iter().cloned().collect()
    }

    /// The same as texts.
    ///
    /// # Panics
    /// When one is none.
    #[must_use]
    #[track_caller]
    pub fn texts(&self) -> Vec<String> {
        self.typed()
    }

    /// The same as JSON that gives a `T`.
    ///
    /// # Panics
    /// When one does not.
    #[must_use]
    #[track_caller]
    pub fn json<T: DeserializeOwned + Send + 'static>(&self) -> Vec<T> {
        let all = self.typed::<Json<T>>();
        all.into_iter().map(|Json(value)| value).collect()
    }

    /// The same as any type that a handler can take.
    ///
    /// # Panics
    /// When one is none.
    #[must_use]
    #[track_caller]
    pub fn typed<T: Incoming>(&self) -> Vec<T> {
        let patience = Patience::new(PATIENCE);
        let read = |captured: &CapturedMessage| {
            self.lens
                .dialect
                .read(&captured.message)
                .unwrap_or_else(|why| {
                    let what = std::any::type_name::<T>();
                    patience.fail(&format!("expected {what}, captured {why}"))
                })
        };
        self.lens.seen.lock().iter().map(read).collect()
    }

    /// Forgets all of it so far.
    pub fn clear(&self) {
        self.lens.seen.lock().clear();
    }
}

impl Watch for Lens {
    fn see(&self, group: &GroupName, frame: &Frame, audience: &Audience) -> bool {
        if self.group.as_ref().is_some_and(|mine| mine != group) {
            return false;
        }
        let mut seen = self.seen.lock();
        if seen.len() == PUBLICATIONS_MAX {
            seen.pop_front();
        }
        seen.push_back(CapturedMessage {
            group: group.clone(),
            message: message(frame),
            to_others: audience.except.is_some(),
            to_handlers: audience.handlers,
        });
        self.withholds.load(Ordering::Relaxed)
    }
}

fn message(frame: &Frame) -> RawMessage {
    match frame.payload() {
        (MessageKind::Text, text) => RawMessage::Text(String::from_utf8_lossy(text).into_owned()),
        (MessageKind::Binary, bytes) => Payload::Binary(bytes).to_message(),
    }
}

impl fmt::Debug for Captured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Captured")
            .field("group", &self.lens.group)
            .field("messages", &self.messages())
            .finish_non_exhaustive()
    }
}
