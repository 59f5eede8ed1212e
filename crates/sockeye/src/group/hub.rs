//! Hub: one node's groups and connections, in a handle that works from anywhere in the process.

use std::sync::{Arc, Weak};
use std::time::Duration;

use sockeye_protocol::CloseCode;

use crate::broker::{Broker, Publication, Readiness, Receiver, Uplink};
use crate::config::HubOptions;
use crate::connection::Frame;
use crate::engine::{Audience, Engine, Link, scratch};
use crate::error::{Error, ErrorKind};
use crate::group::cluster::{Cluster, Notice, Seen};
use crate::group::registry::{Entered, Listening, Registry};
#[cfg(feature = "testing")]
use crate::group::tap::{Tap, Watch};
use crate::group::users::Users;
use crate::group::{Group, GroupName, IntoGroupName, Publisher, Stats, UserConnections};
use crate::id::NodeId;
use crate::message::{EncodeError, Form, Format, Outgoing};

/// Publishes to groups, counts and drains. Cheap to clone; give one to whatever has something to say: HTTP handlers,
/// jobs, other connections.
///
/// ```
/// # fn main() -> sockeye::Result<()> {
/// let hub = sockeye::Hub::new();
/// hub.group(("room", "lobby"))?.broadcast("the kitchen is open")?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Hub(pub(super) Arc<Node>);

/// What its handles share.
pub(super) struct Node {
    pub(super) engine: Engine,
    pub(super) registry: Arc<Registry>,
    #[cfg(feature = "testing")]
    tap: Tap,
    pub(super) users: Arc<Users>,
    pub(super) cluster: Cluster,
    /// How long a node may be silent before it counts as gone.
    pub(super) lease: Duration,
    pub(super) me: Weak<Self>,
}

impl Hub {
    /// A hub for a process on its own.
    #[must_use]
    pub fn new() -> Self {
        Self::with_options(HubOptions::default())
    }

    /// The same with other options.
    #[must_use]
    pub fn with_options(options: HubOptions) -> Self {
        Self::start(None, options)
    }

    /// A hub whose groups reach every node on the same broker. It needs no server: a job or a command publishes through
    /// one too.
    ///
    /// It connects when it is made inside a tokio runtime, else with its first use inside of one, and stays connected;
    /// see [`ready`](Self::ready) and [`flush`](Self::flush).
    #[must_use]
    pub fn with_broker(broker: impl Broker) -> Self {
        Self::with(broker, HubOptions::default())
    }

    /// The same with other options.
    #[must_use]
    pub fn with(broker: impl Broker, options: HubOptions) -> Self {
        Self::start(Some(Box::new(broker)), options)
    }

    fn start(broker: Option<Box<dyn Broker>>, options: HubOptions) -> Self {
        let lease = options.lease();
        let engine = Engine::new(options);
        let id = engine.node();
        Self(Arc::new_cyclic(|node: &Weak<Node>| {
            let uplink = broker.map(|broker| {
                let receiver = Weak::clone(node) as Weak<dyn Receiver>;
                Uplink::new(broker, id, receiver, lease)
            });
            Node {
                engine,
                registry: Arc::new(Registry::new(uplink)),
                #[cfg(feature = "testing")]
                tap: Tap::default(),
                users: Users::new(),
                cluster: Cluster::new(),
                lease,
                me: Weak::clone(node),
            }
        }))
    }

    /// This node.
    #[must_use]
    pub fn node(&self) -> NodeId {
        self.0.engine.node()
    }

    /// The group of that name, on every node.
    ///
    /// # Errors
    /// `Name` when it cannot be one.
    pub fn group(&self, name: impl IntoGroupName) -> Result<Group, Error> {
        Ok(Group::new(self.clone(), name.into_group_name()?))
    }

    /// The connections of a user, by the id that [`User::user_id`](crate::User::user_id) gives. Ids mean the
    /// same at all endpoints of a hub: where users and devices both sign in, let theirs differ.
    #[must_use]
    pub fn user(&self, id: &str) -> UserConnections {
        UserConnections::new(self.clone(), id)
    }

    /// What this node owns right now.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let counters = self.0.engine.counters();
        Stats {
            connections: counters.connections(),
            accepted: counters.accepted(),
            polled: counters.polled(),
            groups: self.0.registry.len(),
            memberships: counters.memberships(),
            tasks: counters.tasks(),
            compressed: counters.compressed(),
            blocked: counters.blocked(),
            dropped: counters.dropped(),
            broker: self.uplink().map(Uplink::stats).unwrap_or_default(),
        }
    }

    /// Whether new clients should come here: not while the other nodes cannot be reached or are not heard in all groups,
    /// and not once a drain has begun. As an HTTP response it is 200 or 503, with the reason kept back:
    ///
    /// ```
    /// use axum::routing::get;
    /// use sockeye::{App, Router};
    ///
    /// let ready = get(|app: App| async move { app.hub().readiness() });
    /// let routes: Router = Router::new().http("/ready", ready);
    /// # let _ = routes;
    /// ```
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        if self.0.engine.is_draining() {
            return Readiness::not_yet("the connections are being closed");
        }
        self.uplink().map_or(Readiness::READY, Uplink::readiness)
    }

    /// Finishes when the other nodes can be reached and are heard in all groups: at once, in a process on its own.
    pub async fn ready(&self) {
        if let Some(uplink) = self.uplink() {
            uplink.ready().await;
        }
    }

    /// Finishes when the broker has taken all that was published so far: what a program does before it ends.
    ///
    /// # Errors
    /// `Broker` when something was lost since the last flush.
    pub async fn flush(&self) -> Result<(), Error> {
        match self.uplink() {
            Some(uplink) => uplink.flush().await,
            None => Ok(()),
        }
    }

    /// Tells the other nodes that this one goes; they need not wait for its lease to end.
    pub(crate) fn say_goodbye(&self) {
        self.0.tell_nodes(&Notice::Bye);
    }

    /// Whether nothing is on its way to other nodes.
    #[cfg(feature = "testing")]
    pub(crate) fn is_settled(&self) -> bool {
        self.uplink().is_none_or(Uplink::is_settled)
    }

    fn uplink(&self) -> Option<&Uplink> {
        self.0.registry.uplink()
    }

    /// The way to the other nodes that may have members of a group.
    fn uplink_of(&self, name: &GroupName) -> Option<&Uplink> {
        self.uplink().filter(|_| !name.is_local())
    }

    /// Closes every connection with `code`, spread at random over the whole of `window` however few they are, and each
    /// that still comes; finishes when the last one is gone. 1012 asks clients to come back, 1001 tells them not to.
    ///
    /// # Cancel safety
    /// Dropped early, the drain goes on; nobody waits for it.
    pub async fn drain(&self, code: CloseCode, window: Duration) {
        self.0.engine.drain(code, window);
        self.0.engine.counters().emptied().await;
    }

    /// Closes every connection now, dropping each `on_connect` and `on_message` that runs; finishes when every
    /// `on_disconnect` is through, and every function handler has heard of its end, within their timeout.
    ///
    /// # Cancel safety
    /// As [`drain`](Self::drain).
    pub async fn stop(&self) {
        self.0.engine.stop();
        self.0.engine.counters().emptied().await;
    }

    /// Tracks a member of a topic.
    ///
    /// # Errors
    /// `Limit` when too much would have to be told of all that are tracked.
    pub(crate) fn track(
        &self,
        listening: &Arc<Listening>,
        link: &Arc<Link>,
        seen: Seen,
    ) -> Result<(), Error> {
        self.0.track(listening, link, seen)
    }

    /// Tracks it no more; false when it was not.
    pub(crate) fn untrack(&self, listening: &Listening, link: &Arc<Link>) -> bool {
        self.0.untrack(listening, link)
    }

    /// Takes a connection out of a group, and tells its handler.
    pub(crate) fn expel(&self, link: &Arc<Link>, from: &GroupName, event: Frame) {
        if let Some(listening) = self.0.registry.get(from) {
            self.untrack(&listening, link);
            self.0.engine.expel(link, &listening.topic, event);
        }
    }

    pub(crate) fn users(&self) -> &Arc<Users> {
        &self.0.users
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.0.engine
    }

    pub(crate) async fn enter(&self, name: GroupName) -> Result<Entered, Error> {
        self.0.registry.enter(&self.0.engine, name).await
    }

    /// Encodes and frames a message for a group, once for all its members.
    pub(crate) fn encode(
        &self,
        message: &impl Outgoing,
        publisher: Option<&Publisher>,
    ) -> Result<Frame, Error> {
        let wire = publisher.map_or_else(|| self.0.engine.wire(), Publisher::wire);
        // JSON for all: what members take another encoding is made of it.
        let form = Form::new(wire, Format::Json);
        scratch::with(|buffer| match message.is_marked() {
            true => {
                let origin = publisher.map(Publisher::origin).unwrap_or_default();
                Frame::encode_marked(message, form, origin, buffer)
            }
            false => Frame::encode(message, form, buffer),
        })
        .map_err(unencodable)
    }

    /// The same for handlers, to whom it is nobody's own.
    pub(crate) fn encode_event(&self, message: &impl Outgoing) -> Result<Frame, Error> {
        let form = Form::new(self.0.engine.wire(), Format::Json);
        scratch::with(|buffer| Frame::encode(message, form, buffer)).map_err(unencodable)
    }

    /// Everybody, with those told apart that get a frame of their own.
    pub(crate) fn audience(&self, frame: &Frame, publisher: Option<&Publisher>) -> Audience {
        Audience {
            except: None,
            own: self
                .0
                .own(frame, publisher.map(|publisher| &publisher.link)),
            handlers: false,
        }
    }

    /// Delivers to the members here that it is for, and hands the publication to the other nodes.
    pub(crate) fn publish(
        &self,
        name: &GroupName,
        frame: Frame,
        audience: &Audience,
    ) -> Result<(), Error> {
        if let Some(listening) = self.0.registry.get(name) {
            return self.publish_in(&listening, &frame, audience);
        }
        #[cfg(feature = "testing")]
        if self.0.tap.withholds(name, &frame, audience) {
            return Ok(());
        }
        self.handover(name, frame, audience)()
    }

    /// The same for a topic that was looked up already.
    pub(crate) fn publish_in(
        &self,
        listening: &Listening,
        frame: &Frame,
        audience: &Audience,
    ) -> Result<(), Error> {
        let name = listening.name();
        #[cfg(feature = "testing")]
        if self.0.tap.withholds(name, frame, audience) {
            return Ok(());
        }
        let handover = self.handover(name, frame.clone(), audience);
        let engine = &self.0.engine;
        // Under the lock of the topic's order: members elsewhere hear what these hear, in the same order.
        let handed = engine.publish_along(&listening.topic, frame, audience, handover);
        handed.unwrap_or_else(|| {
            let text = format!("cannot publish to {name}: too many publications wait on this node");
            Err(Error::with(ErrorKind::Full, text))
        })
    }

    /// Makes ready what other nodes get; calling it hands that over.
    fn handover(
        &self,
        name: &GroupName,
        frame: Frame,
        audience: &Audience,
    ) -> impl FnOnce() -> Result<(), Error> {
        let sealed = self.uplink_of(name).map(|uplink| {
            let publication = Publication {
                topic: name.shared(),
                frame,
                for_handlers: audience.handlers,
            };
            (uplink, Uplink::seal(publication))
        });
        move || match sealed {
            Some((uplink, sealed)) => uplink.publish(sealed),
            None => Ok(()),
        }
    }

    /// Shows all that is published from now on to somebody, for as long as that lives.
    #[cfg(feature = "testing")]
    pub(crate) fn watch(&self, watch: &Arc<dyn Watch>) {
        self.0.tap.watch(watch);
    }

    pub(crate) fn members(&self, name: &GroupName) -> usize {
        self.0
            .registry
            .get(name)
            .map_or(0, |listening| listening.topic.members())
    }
}

impl Node {
    /// The connections here to which a marked frame is their own, or their user's; `None` where there can be none.
    pub(super) fn own(
        &self,
        frame: &Frame,
        publisher: Option<&Arc<Link>>,
    ) -> Option<Arc<[Arc<Link>]>> {
        let origin = frame.origin()?;
        let users = origin.user.iter().flat_map(|user| self.users.links(user));
        let all = publisher.cloned().into_iter().chain(users);
        let own: Arc<[_]> = all.collect();
        (!own.is_empty()).then_some(own)
    }
}

impl Default for Hub {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hub")
            .field("node", &self.node())
            .field("stats", &self.stats())
            .finish()
    }
}

fn unencodable(error: EncodeError) -> Error {
    Error::caused(ErrorKind::Encoding, "cannot encode the message", error)
}
