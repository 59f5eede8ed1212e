//! Node: one master of a cluster, or the reason why it is not there.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use redis::{PushInfo, PushKind};
use sockeye::{Error, Inbound, Refused, Result};
use tokio::time::timeout;
use tokio::try_join;

use crate::Tls;
use crate::channels::Channels;
use crate::cluster::share::Share;
use crate::endpoint::{Endpoint, Place};
use crate::link::{Link, ask_once, message};

/// How long a look for a master that was away may take: a part of what the heartbeat may.
const LOOK_MAX: Duration = Duration::from_secs(1);

pub(crate) struct Node {
    endpoint: Endpoint,
    links: Result<Links>,
}

/// The connections to one master.
pub(crate) struct Links {
    pub(crate) publishing: Link,
    subscribed: Link,
    place: Place,
    leaving: Leaving,
}

/// Ends of subscriptions that we have asked for and Redis has not told yet. One more that it tells is its own doing.
#[derive(Clone, Default)]
struct Leaving(Arc<AtomicUsize>);

impl Node {
    pub(crate) fn new(endpoint: Endpoint, links: Result<Links>) -> Self {
        Self { endpoint, links }
    }

    pub(crate) async fn open(
        endpoint: &Endpoint,
        tls: &Tls,
        channels: &Channels,
        inbound: &Inbound,
    ) -> Result<Links> {
        let leaving = Leaving::default();
        let push = listen(channels.clone(), inbound.clone(), leaving.clone());
        let (publishing, subscribed) = try_join!(
            Link::open(endpoint, tls, inbound),
            Link::open_subscribed(endpoint, tls, inbound, push),
        )?;
        Ok(Links {
            publishing,
            subscribed,
            place: endpoint.place.clone(),
            leaving,
        })
    }

    pub(crate) fn links(&self) -> Option<&Links> {
        self.links.as_ref().ok()
    }

    /// Why its topics are refused: the session began without it.
    pub(crate) fn away(&self) -> Error {
        let why = self.links.as_ref().err().map(ToString::to_string);
        Error::new(format!(
            "the master at {} is away: {}",
            self.endpoint,
            why.unwrap_or_default()
        ))
    }

    /// Publishes; gives those that are refused, all of them where the master is away.
    pub(crate) async fn publish(&self, share: &Share) -> Result<Vec<Refused>> {
        match &self.links {
            Ok(links) => Ok(share.named(links.publishing.run(&share.commands).await?)),
            Err(_) => Ok(share.refused(|| self.away())),
        }
    }

    /// Subscribes; gives those that are refused, all of them where the master is away.
    pub(crate) async fn subscribe(&self, share: &Share) -> Result<Vec<Refused>> {
        match &self.links {
            Ok(links) => Ok(share.named(links.subscribed.run(&share.commands).await?)),
            Err(_) => Ok(share.refused(|| self.away())),
        }
    }

    pub(crate) async fn unsubscribe(&self, share: &Share) -> Result<()> {
        let Ok(links) = &self.links else {
            return Ok(());
        };
        links.leaving.expect(share.commands.len());
        links.subscribed.run(&share.commands).await.map(|_| ())
    }

    /// # Errors
    /// When the master is away, or was away and is back: its topics are subscribed to by a new session.
    pub(crate) async fn ping(&self, tls: &Tls) -> Result<()> {
        if let Ok(links) = &self.links {
            return try_join!(links.publishing.ping(), links.subscribed.ping()).map(|_| ());
        }
        let question = redis::cmd("PING");
        let look = ask_once::<String>(&self.endpoint, tls, &question);
        match timeout(LOOK_MAX, look).await {
            Ok(Ok(_)) => Err(Error::new(format!(
                "the master at {} is back",
                self.endpoint
            ))),
            Ok(Err(_)) | Err(_) => Ok(()),
        }
    }
}

impl Links {
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }
}

impl Leaving {
    fn expect(&self, count: usize) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// Whether an end was asked for.
    fn take(&self) -> bool {
        let less = |count: usize| count.checked_sub(1);
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less)
            .is_ok()
    }
}

/// Hands in messages as they are read, and ends the session when a subscription ends by itself: its slot has moved.
fn listen(
    channels: Channels,
    inbound: Inbound,
    leaving: Leaving,
) -> impl Fn(PushInfo) -> Result<(), Infallible> + Send + Sync {
    move |push| {
        match push.kind {
            PushKind::Message | PushKind::SMessage => {
                if let Some((channel, payload)) = message(&push)
                    && let Some(topic) = channels.topic(channel)
                {
                    inbound.message(topic, payload);
                }
            }
            PushKind::Unsubscribe | PushKind::SUnsubscribe if !leaving.take() => {
                inbound.ended(Error::new(
                    "a slot of the cluster has moved to another node",
                ));
            }
            _ => {}
        }
        Ok(())
    }
}
