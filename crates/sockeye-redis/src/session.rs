//! Session: one Redis, one connection to publish and one that is subscribed.

use std::convert::Infallible;
use std::sync::Arc;

use redis::{Pipeline, PushInfo, PushKind};
use sockeye::{BrokerFuture, Inbound, Parcel, Refused, Result, Session};
use tokio::try_join;

use crate::Tls;
use crate::channels::Channels;
use crate::endpoint::Endpoint;
use crate::link::{Link, message};

/// Both connections; the end of one is the end of both.
pub(crate) struct Single {
    publishing: Link,
    subscribed: Link,
    channels: Channels,
}

impl Single {
    pub(crate) async fn open(
        endpoint: &Endpoint,
        tls: &Tls,
        channels: &Channels,
        inbound: &Inbound,
    ) -> Result<Self> {
        let push = listen(channels.clone(), inbound.clone());
        let (publishing, subscribed) = try_join!(
            Link::open(endpoint, tls, inbound),
            Link::open_subscribed(endpoint, tls, inbound, push),
        )?;
        Ok(Self {
            publishing,
            subscribed,
            channels: channels.clone(),
        })
    }
}

impl Session for Single {
    fn publish<'a>(&'a self, parcels: &'a [Parcel]) -> BrokerFuture<'a, Vec<Refused>> {
        let mut commands = Pipeline::with_capacity(parcels.len());
        for parcel in parcels {
            let channel = self.channels.channel(parcel.topic());
            commands
                .cmd("PUBLISH")
                .arg(channel)
                .arg(&parcel.bytes()[..]);
        }
        Box::pin(async move { self.publishing.run(&commands).await })
    }

    fn subscribe<'a>(&'a self, topics: &'a [Arc<str>]) -> BrokerFuture<'a, Vec<Refused>> {
        Box::pin(self.subscribed.subscribe(self.channels.all(topics)))
    }

    fn unsubscribe<'a>(&'a self, topics: &'a [Arc<str>]) -> BrokerFuture<'a> {
        Box::pin(self.subscribed.unsubscribe(self.channels.all(topics)))
    }

    /// Asks on both: a silent connection to publish is found by the next message at the latest, which would be lost.
    fn ping(&self) -> BrokerFuture<'_> {
        Box::pin(
            async move { try_join!(self.publishing.ping(), self.subscribed.ping()).map(|_| ()) },
        )
    }
}

/// Hands in messages as they are read.
fn listen(
    channels: Channels,
    inbound: Inbound,
) -> impl Fn(PushInfo) -> Result<(), Infallible> + Send + Sync {
    move |push| {
        if push.kind == PushKind::Message
            && let Some((channel, payload)) = message(&push)
            && let Some(topic) = channels.topic(channel)
        {
            inbound.message(topic, payload);
        }
        Ok(())
    }
}
