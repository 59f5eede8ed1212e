//! NatsBroker: where NATS is, and what its subjects are called.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_nats::rustls;
use sockeye::{Broker, BrokerFuture, Error, Inbound, Result, Session};

use crate::access::Access;
use crate::session::NatsSession;
use crate::subjects::Subjects;
use crate::watch::Watch;

/// How long one server may take to let a node in: of the 5 s there are for all of them, so that a second one has its turn.
const HANDSHAKE: Duration = Duration::from_secs(2);

/// How often async-nats asks whether the connection is alive, which is also how soon it lets go of one that is not. The
/// core's heartbeat has noticed by then.
const PING: Duration = Duration::from_secs(2);

/// Commands that wait for the connection: a call's 512 subscriptions and 1,024 publications, with room.
const COMMANDS: usize = 2_048;

/// Messages of one topic that wait for the reader, unless said otherwise: what a burst of a busy topic brings in a tenth of
/// a second, while the reader itself never waits.
const WAITING: usize = 16_384;

/// As many as there may be probes, which wait in the same way.
const WAITING_MIN: usize = 16;

/// A server of NATS, or a cluster of them, as what carries publications between nodes.
///
/// ```
/// # fn broker() -> sockeye::Result<sockeye_nats::NatsBroker> {
/// # let password = String::new();
/// use sockeye_nats::NatsBroker;
///
/// NatsBroker::new("nats://10.0.0.7:4222,nats://10.0.0.8:4222")?
///     .prefix("chat.production")
///     .map(|broker| broker.user("chat", password))
/// # }
/// # broker().unwrap();
/// ```
///
/// With `nats://` nothing is encrypted, and a server that wants it to be is not talked to. With `tls://` everything is,
/// and the server's certificate must be of the host that the address names.
///
/// Each node has one connection. A message longer than the server's `max_payload`, 1 MiB unless it is told otherwise, is lost to
/// the other nodes, as one is that the server's permissions forbid: both are logged, and members told of a gap.
pub struct NatsBroker {
    access: Access,
    subjects: Subjects,
    waiting: usize,
}

impl NatsBroker {
    /// A broker at one address, or at several with commas between them, one of which is used at a time. An address may
    /// carry a user or a token: `nats://chat:password@10.0.0.7:4222`.
    ///
    /// Nothing is connected to here.
    ///
    /// # Errors
    /// When an address is none, or with `tls://` when the system has no root certificates; names what to write.
    pub fn new(addresses: impl AsRef<str>) -> Result<Self> {
        Ok(Self {
            access: Access::new(addresses.as_ref())?,
            subjects: Subjects::default(),
            waiting: WAITING,
        })
    }

    /// The tokens before a topic in its subject: `sockeye` unless said otherwise. Applications that share a server, or
    /// stages of one, have different ones.
    ///
    /// # Errors
    /// When it has a wildcard, an empty token, or anything but printable ASCII; names what to write.
    pub fn prefix(mut self, prefix: impl AsRef<str>) -> Result<Self> {
        self.subjects = Subjects::new(prefix.as_ref())?;
        Ok(self)
    }

    /// A user and its password.
    #[must_use]
    pub fn user(mut self, name: impl Into<String>, password: impl Into<String>) -> Self {
        self.access.user = Some((name.into(), password.into()));
        self
    }

    /// A token.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.access.token = Some(token.into());
        self
    }

    /// A JWT and its NKey: the text of a `.creds` file.
    ///
    /// # Errors
    /// When the text has not both.
    #[cfg(feature = "credentials")]
    pub fn credentials(mut self, text: impl Into<String>) -> Result<Self> {
        let text = text.into();
        async_nats::ConnectOptions::with_credentials(&text).map_err(|_| {
            Error::new("cannot use the credentials for NATS: there is no JWT with an NKey; give the text of a .creds file")
        })?;
        self.access.credentials = Some(text);
        Ok(self)
    }

    /// Whose certificates to believe in place of the system's, as PEM text.
    ///
    /// # Errors
    /// When there is none in the text, or the address is not `tls://`.
    pub fn root_certificates(mut self, pem: impl AsRef<[u8]>) -> Result<Self> {
        self.access.trust(pem.as_ref())?;
        Ok(self)
    }

    /// How many messages of one topic may wait while this node is too busy to read them, at least 16; when there are more
    /// they are lost, and members of all groups are told of a gap. Defaults to 16,384.
    #[must_use]
    pub fn waiting(mut self, messages: usize) -> Self {
        self.waiting = messages.max(WAITING_MIN);
        self
    }

    async fn open(&self, inbound: Inbound) -> Result<NatsSession> {
        let watch = Arc::new(Watch::new(self.describe(), inbound));
        let events = Arc::clone(&watch);
        let servers = self.access.servers();
        let options = self.access.options()?;
        let connecting = options
            .name("sockeye")
            .connection_timeout(HANDSHAKE)
            .ping_interval(PING)
            .client_capacity(COMMANDS)
            .subscription_capacity(self.waiting)
            // Topics are clean as they come.
            .skip_subject_validation(true)
            // One attempt for each address: whether to try again is not decided here.
            .max_reconnects(servers.len())
            .reconnect_delay_callback(|_| Duration::ZERO)
            .ignore_discovered_servers()
            .event_callback(move |event| {
                events.event(event);
                std::future::ready(())
            })
            .connect(servers);
        let client = connecting.await.map_err(|error| self.refused(&error))?;
        NatsSession::open(client, watch, self.subjects.clone()).await
    }

    fn refused(&self, error: &async_nats::ConnectError) -> Error {
        let hint = match is_of_tls(error) && !self.access.is_encrypted() {
            true => "; the server wants TLS: write tls:// in its address",
            false => "",
        };
        let place = self.describe();
        Error::new(format!("cannot connect to {place}: {error}{hint}"))
    }
}

/// Whether TLS is what has failed, however deep it lies.
fn is_of_tls(error: &async_nats::ConnectError) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        if error.is::<rustls::Error>() || inner.is_some_and(|inner| inner.is::<rustls::Error>()) {
            return true;
        }
        cause = error.source();
    }
    false
}

impl Broker for NatsBroker {
    fn describe(&self) -> String {
        format!("NATS at {}", self.access)
    }

    fn connect(&self, inbound: Inbound) -> BrokerFuture<'_, Box<dyn Session>> {
        Box::pin(async move {
            let session: Box<dyn Session> = Box::new(self.open(inbound).await?);
            Ok(session)
        })
    }
}

/// Without credentials.
impl fmt::Debug for NatsBroker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsBroker")
            .field("servers", &format_args!("{}", self.access))
            .field("prefix", &format_args!("{}", self.subjects))
            .finish_non_exhaustive()
    }
}
