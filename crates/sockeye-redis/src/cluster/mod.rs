//! Cluster: the masters of a Redis cluster, each with its share of the topics, as one session.
//!
//! A session is for one distribution of the slots. When that changes, by a failover or because slots move, the session is over,
//! and the next one subscribes where the topics are by then.

mod node;
mod share;
mod slots;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{join_all, select_ok};
use redis::Value;
use sockeye::{BrokerFuture, Error, Inbound, Parcel, Refused, Result, Session};
use tokio::time::timeout;

use crate::Tls;
use crate::channels::Channels;
use crate::cluster::node::Node;
use crate::cluster::share::{Share, Verb};
use crate::cluster::slots::{Slots, slot};
use crate::endpoint::Endpoint;
use crate::link::ask_once;

/// How long one master may take before the session begins without it: less than a whole session may take to open.
const MASTER_ANSWERS_MAX: Duration = Duration::from_secs(2);

/// A session with all masters that answer.
pub(crate) struct Cluster {
    slots: Slots,
    /// As many as the slots name masters, in that order.
    nodes: Vec<Node>,
    channels: Channels,
    tls: Tls,
}

impl Cluster {
    pub(crate) async fn open(
        seeds: &[Endpoint],
        tls: &Tls,
        channels: &Channels,
        inbound: &Inbound,
    ) -> Result<Self> {
        let asked = seeds.iter().map(|seed| Box::pin(ask_for_slots(seed, tls)));
        let ((seed, slots), _) = select_ok(asked).await?;
        let opened = slots.masters().iter().map(|place| async {
            let endpoint = seed.at(place.clone());
            let opening = Node::open(&endpoint, tls, channels, inbound);
            let late = || Error::new(format!("no answer within {MASTER_ANSWERS_MAX:?}"));
            let opened = timeout(MASTER_ANSWERS_MAX, opening).await;
            Node::new(endpoint, opened.unwrap_or_else(|_| Err(late())))
        });
        let nodes = join_all(opened).await;
        if nodes.iter().all(|node| node.links().is_none()) {
            let none = || Error::new("the cluster serves no slot; finish setting it up");
            return Err(nodes.first().map_or_else(none, Node::away));
        }
        Ok(Self {
            slots,
            nodes,
            channels: channels.clone(),
            tls: tls.clone(),
        })
    }

    /// Commands for topics, apart for each node, in order; with them those that have no node.
    fn share<'a>(
        &self,
        verb: Verb,
        items: impl Iterator<Item = (&'a str, Option<&'a [u8]>)>,
    ) -> (Vec<Share>, Vec<Refused>) {
        let mut shares: Vec<_> = self.nodes.iter().map(|_| Share::default()).collect();
        let mut unserved = Vec::new();
        for (index, (topic, payload)) in items.enumerate() {
            let channel = self.channels.channel(topic);
            // What nodes tell each other goes through all of the cluster, and does not hang on one master.
            let is_sharded = !topic.starts_with('!');
            let node = if is_sharded {
                self.slots.master(slot(&channel))
            } else {
                self.first_there()
            };
            match node {
                Some(node) => shares[node].add(verb.name(is_sharded), channel, payload, index),
                None => unserved.push(Refused {
                    index,
                    why: Error::new(format!("no node of the cluster serves {channel}")),
                }),
            }
        }
        (shares, unserved)
    }

    fn first_there(&self) -> Option<usize> {
        self.nodes.iter().position(|node| node.links().is_some())
    }

    /// Whether the slots are still where they were, as one of the nodes knows.
    async fn keeps_its_slots(&self) -> Result<()> {
        let links = self.nodes.iter().find_map(Node::links);
        let links = links.ok_or_else(|| Error::new("no master answers"))?;
        let reply: Value = links.publishing.ask(&slots::question()).await?;
        if Slots::read(&reply, links.place())? == self.slots {
            return Ok(());
        }
        Err(Error::new("the cluster has moved slots to other nodes"))
    }
}

impl Session for Cluster {
    fn publish<'a>(&'a self, parcels: &'a [Parcel]) -> BrokerFuture<'a, Vec<Refused>> {
        let items = parcels
            .iter()
            .map(|parcel| (parcel.topic(), Some(&parcel.bytes()[..])));
        let (shares, refused) = self.share(Verb::PUBLISH, items);
        Box::pin(async move {
            let shares = shares.iter().zip(&self.nodes);
            let published = join_all(shares.map(|(share, node)| node.publish(share)));
            all_refused(refused, published.await)
        })
    }

    fn subscribe<'a>(&'a self, topics: &'a [Arc<str>]) -> BrokerFuture<'a, Vec<Refused>> {
        let (shares, refused) = self.share(Verb::SUBSCRIBE, bare(topics));
        Box::pin(async move {
            let shares = shares.iter().zip(&self.nodes);
            let subscribed = join_all(shares.map(|(share, node)| node.subscribe(share)));
            all_refused(refused, subscribed.await)
        })
    }

    fn unsubscribe<'a>(&'a self, topics: &'a [Arc<str>]) -> BrokerFuture<'a> {
        // What has no node has no subscription.
        let (shares, _) = self.share(Verb::UNSUBSCRIBE, bare(topics));
        Box::pin(async move {
            let shares = shares.iter().zip(&self.nodes);
            let ended = join_all(shares.map(|(share, node)| node.unsubscribe(share)));
            ended.await.into_iter().collect()
        })
    }

    fn ping(&self) -> BrokerFuture<'_> {
        Box::pin(async move {
            let answers = join_all(self.nodes.iter().map(|node| node.ping(&self.tls)));
            let (answers, kept) = tokio::join!(answers, self.keeps_its_slots());
            answers.into_iter().collect::<Result<()>>().and(kept)
        })
    }
}

/// What has no node, and what the nodes refuse.
fn all_refused(
    unserved: Vec<Refused>,
    of_nodes: Vec<Result<Vec<Refused>>>,
) -> Result<Vec<Refused>> {
    of_nodes.into_iter().try_fold(unserved, |mut all, refused| {
        all.extend(refused?);
        Ok(all)
    })
}

/// Topics with no payload.
fn bare(topics: &[Arc<str>]) -> impl Iterator<Item = (&str, Option<&[u8]>)> {
    topics.iter().map(|topic| (&**topic, None))
}

async fn ask_for_slots<'a>(seed: &'a Endpoint, tls: &Tls) -> Result<(&'a Endpoint, Slots)> {
    let reply: Value = ask_once(seed, tls, &slots::question()).await?;
    Ok((seed, Slots::read(&reply, &seed.place)?))
}
