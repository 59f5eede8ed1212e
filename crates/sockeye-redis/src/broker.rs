//! Broker: what is known of a Redis before anybody is connected to it.

use std::fmt;

use sockeye::{Broker, BrokerFuture, Error, Inbound, Result, Session};

use crate::Tls;
use crate::channels::Channels;
use crate::cluster::Cluster;
use crate::endpoint::Endpoint;
use crate::sentinel::Sentinels;
use crate::session::Single;

/// A Redis that nodes reach each other through; handed to [`Hub::with_broker`](sockeye::Hub::with_broker).
///
/// ```
/// use sockeye_redis::RedisBroker;
///
/// let broker = RedisBroker::new("redis://user:secret@10.0.0.7:6379")?.prefix("chat:production")?;
/// assert_eq!(format!("{broker:?}"), "RedisBroker(Redis at 10.0.0.7:6379)");
///
/// let error = RedisBroker::new("10.0.0.7").unwrap_err();
/// assert!(error.to_string().contains("it has no scheme; write redis://host:6379"));
/// # sockeye::Result::<()>::Ok(())
/// ```
#[derive(Clone)]
pub struct RedisBroker {
    servers: Servers,
    channels: Channels,
    pub(crate) tls: Tls,
}

#[derive(Clone)]
enum Servers {
    One(Endpoint),
    /// Some nodes of a cluster, which know the others.
    Cluster(Vec<Endpoint>),
    Sentinel(Sentinels),
}

impl RedisBroker {
    /// One server, or a name that always leads to the one in charge, by its URL: `redis://user:password@host:6379`, `rediss://`
    /// for TLS (with the feature `tls`), `unix:///path/of/the/socket`. What has a meaning in URLs is escaped in a password:
    /// `%23` for `#`, `%2F` for `/`.
    ///
    /// Nothing is connected yet: a hub does that, and goes on when Redis is not there.
    ///
    /// # Errors
    /// When the URL cannot be used.
    pub fn new(url: impl AsRef<str>) -> Result<Self> {
        let endpoint = Endpoint::parse(url.as_ref())?;
        Ok(Self::of(Servers::One(endpoint)))
    }

    /// A cluster, by the URLs of some of its nodes, any of which tells of the others. Every master carries its share of the
    /// groups; when one is away, only its share is.
    ///
    /// The nodes are spoken to with the user, the password and the TLS of the URL whose node answers first.
    ///
    /// # Errors
    /// When there is no URL, or one cannot be used.
    pub fn cluster<U: AsRef<str>>(urls: impl IntoIterator<Item = U>) -> Result<Self> {
        let seeds = parse_all(urls)?;
        if seeds.is_empty() {
            return Err(Error::new(
                "cannot find a Redis cluster without a URL; name one node at least, better two",
            ));
        }
        Ok(Self::of(Servers::Cluster(seeds)))
    }

    /// The master that sentinels know by a name: `master` is its URL with that name as the host,
    /// `redis://user:password@mymaster`, and `sentinels` are theirs, with their own passwords if they have some. They are asked
    /// anew for each session, so that nodes follow a failover.
    ///
    /// # Errors
    /// When there is no sentinel, or a URL cannot be used.
    pub fn sentinel<U: AsRef<str>>(
        master: impl AsRef<str>,
        sentinels: impl IntoIterator<Item = U>,
    ) -> Result<Self> {
        let seeds = parse_all(sentinels)?;
        if seeds.is_empty() {
            return Err(Error::new(
                "cannot find a Redis master without sentinels; name one at least, better all",
            ));
        }
        let master = Endpoint::parse(master.as_ref())?;
        Ok(Self::of(Servers::Sentinel(Sentinels::new(master, seeds)?)))
    }

    fn of(servers: Servers) -> Self {
        Self {
            servers,
            channels: Channels::default(),
            tls: Tls::default(),
        }
    }

    /// What stands before the names of groups in Redis, `sockeye` unless told otherwise: for several applications on one
    /// Redis. Up to 64 bytes, words of letters, digits, `-`, `_` and `.` with colons between them.
    ///
    /// # Errors
    /// When it is something else.
    pub fn prefix(mut self, prefix: impl AsRef<str>) -> Result<Self> {
        self.channels = Channels::new(prefix.as_ref())?;
        Ok(self)
    }
}

impl Broker for RedisBroker {
    fn describe(&self) -> String {
        match &self.servers {
            Servers::One(endpoint) => format!("Redis at {endpoint}"),
            Servers::Cluster(seeds) => format!("Redis cluster at {}", listed(seeds)),
            Servers::Sentinel(sentinels) => {
                let (name, seeds) = (sentinels.name(), listed(sentinels.seeds()));
                format!("Redis master {name} by the sentinels at {seeds}")
            }
        }
    }

    fn connect(&self, inbound: Inbound) -> BrokerFuture<'_, Box<dyn Session>> {
        Box::pin(async move {
            let session: Box<dyn Session> = match &self.servers {
                Servers::One(endpoint) => {
                    let single = Single::open(endpoint, &self.tls, &self.channels, &inbound);
                    Box::new(single.await?)
                }
                Servers::Sentinel(sentinels) => {
                    let master = sentinels.find(&self.tls).await?;
                    let single = Single::open(&master, &self.tls, &self.channels, &inbound);
                    Box::new(single.await?)
                }
                Servers::Cluster(seeds) => {
                    let cluster = Cluster::open(seeds, &self.tls, &self.channels, &inbound);
                    Box::new(cluster.await?)
                }
            };
            Ok(session)
        })
    }
}

fn parse_all<U: AsRef<str>>(urls: impl IntoIterator<Item = U>) -> Result<Vec<Endpoint>> {
    urls.into_iter()
        .map(|url| Endpoint::parse(url.as_ref()))
        .collect()
}

fn listed(endpoints: &[Endpoint]) -> String {
    let shown: Vec<_> = endpoints.iter().map(ToString::to_string).collect();
    shown.join(", ")
}

impl fmt::Debug for RedisBroker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisBroker({})", self.describe())
    }
}
