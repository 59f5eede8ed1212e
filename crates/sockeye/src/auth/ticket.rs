//! Tickets: short-lived, single-use ways in for pages, whose sockets can show no header.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::request::Parts;
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::auth::carrier::Carrier;
use crate::auth::{Authenticator, Identity, IntoIdentity, User};
use crate::error::{Error, ErrorKind, Result};
use crate::handshake::{Handshake, Rejection};

/// How long a page may take from its ticket to its socket: what a slow mobile link needs, and too short for logs to be
/// read.
const LIFETIME: Duration = Duration::from_secs(30);

/// Tickets that may be out at a time, some 100 bytes and the user each. More than a node connects in 30 seconds.
const TICKETS_MAX: usize = 100_000;

/// The half of a ticket by which it is found, and the half that proves it: 128 random bits each.
type Half = [u8; 16];

/// Lets pages in by tickets: an HTTP handler, behind whatever authentication the pages have, issues one to its user, and
/// the page connects with it in the query: `/chat?ticket=...`. A ticket is good once, for 30 seconds, on this node.
///
/// It is an authenticator of the endpoint, and cheap to clone for the handler.
///
/// ```
/// use axum::extract::State;
/// use axum::routing::post;
/// use sockeye::{IntoEndpoint, Result, Router, Tickets, WebSocket};
///
/// async fn ticket(State(tickets): State<Tickets<u64>>) -> Result<String> {
///     tickets.issue(7) // whoever asks, in this example
/// }
///
/// async fn chat(socket: WebSocket) {
///     socket.send("welcome");
/// }
///
/// let tickets = Tickets::<u64>::new();
/// let routes = Router::with_state(tickets.clone())
///     .http("/ticket", post(ticket))
///     .route("/chat", chat.authenticate(tickets));
/// # let _ = routes;
/// ```
pub struct Tickets<U> {
    issued: Arc<Mutex<Issued<U>>>,
    carrier: Carrier,
    lifetime: Duration,
    limit: usize,
}

struct Issued<U> {
    tickets: HashMap<Half, Ticket<U>>,
    /// The same in the order in which they end.
    ends: BTreeSet<(Instant, Half)>,
}

struct Ticket<U> {
    proof: Half,
    ends: Instant,
    identity: Identity<U>,
}

impl<U: User> Tickets<U> {
    /// No tickets yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            issued: Arc::default(),
            carrier: Carrier::Query(Cow::Borrowed("ticket")),
            lifetime: LIFETIME,
            limit: TICKETS_MAX,
        }
    }

    /// Names the parameter of the query, `ticket` by default.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.carrier = Carrier::Query(name.into());
        self
    }

    /// Sets how long the tickets that this handle issues are good, 30 s by default.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Sets how many tickets may be out when this handle issues another, 100,000 by default.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Issues a ticket to a user: 43 characters that fit into a URL as they are. With an [`Identity`] the connection ends
    /// when that does.
    ///
    /// # Errors
    /// `Limit` when too many are out already.
    pub fn issue(&self, identity: impl IntoIdentity<User = U>) -> Result<String> {
        let now = Instant::now();
        let ends = now.checked_add(self.lifetime);
        let ends = ends.ok_or_else(|| {
            Error::new("cannot issue a ticket: its lifetime is too long for a clock")
        })?;
        let mut random = [0; 32];
        let (key, proof) = halves(&mut random)?;
        let identity = identity.into_identity();
        let mut issued = self.issued.lock();
        issued.forget(now);
        let (found, limit) = (issued.tickets.len(), self.limit);
        if found >= limit {
            let text =
                format!("cannot issue a ticket: {found} are out already, the limit is {limit}");
            return Err(Error::with(ErrorKind::Limit, text));
        }
        issued.ends.insert((ends, key));
        let ticket = Ticket {
            proof,
            ends,
            identity,
        };
        issued.tickets.insert(key, ticket);
        Ok(BASE64_URL_SAFE_NO_PAD.encode(random))
    }

    /// Takes a ticket in, whatever becomes of its bearer.
    fn redeem(&self, text: &str) -> Option<Identity<U>> {
        let mut shown = [0; 32];
        let length = BASE64_URL_SAFE_NO_PAD.decode_slice(text, &mut shown).ok()?;
        let (key, proof) = shown.get(..length)?.split_first_chunk()?;
        let mut issued = self.issued.lock();
        issued.forget(Instant::now());
        // A wrong proof does not use a ticket up: its owner may still come.
        if !is_same(&issued.tickets.get(key)?.proof, proof) {
            return None;
        }
        let ticket = issued.tickets.remove(key)?;
        issued.ends.remove(&(ticket.ends, *key));
        Some(ticket.identity)
    }
}

/// Fills `random`, and gives its halves.
fn halves(random: &mut [u8; 32]) -> Result<(Half, Half)> {
    getrandom::fill(random)
        .map_err(|error| Error::new(format!("cannot issue a ticket: {error}")))?;
    let (mut key, mut proof) = (Half::default(), Half::default());
    key.copy_from_slice(&random[..16]);
    proof.copy_from_slice(&random[16..]);
    Ok((key, proof))
}

/// Compares secrets in a time that does not tell where they differ.
fn is_same(secret: &Half, shown: &[u8]) -> bool {
    let differences = secret
        .iter()
        .zip(shown)
        .fold(0, |all, (a, b)| all | (a ^ b));
    secret.len() == shown.len() && std::hint::black_box(differences) == 0
}

impl<U> Issued<U> {
    /// Forgets what has ended.
    fn forget(&mut self, now: Instant) {
        while self.ends.first().is_some_and(|(ends, _)| *ends <= now) {
            let ended = self.ends.pop_first();
            ended.map(|(_, key)| self.tickets.remove(&key));
        }
    }
}

impl<S: Sync, U: User> Authenticator<S> for Tickets<U> {
    type User = U;

    async fn authenticate(
        &self,
        handshake: &Handshake,
        parts: &mut Parts,
        _: &S,
    ) -> Result<Option<Identity<U>>, Rejection> {
        let ticket = self.carrier.read(handshake, parts)?;
        Ok(ticket.and_then(|ticket| self.redeem(&ticket)))
    }
}

impl<U> Clone for Tickets<U> {
    fn clone(&self) -> Self {
        Self {
            issued: Arc::clone(&self.issued),
            carrier: self.carrier.clone(),
            lifetime: self.lifetime,
            limit: self.limit,
        }
    }
}

impl<U: User> Default for Tickets<U> {
    fn default() -> Self {
        Self::new()
    }
}

impl<U> Default for Issued<U> {
    fn default() -> Self {
        Self {
            tickets: HashMap::new(),
            ends: BTreeSet::new(),
        }
    }
}

impl<U> fmt::Debug for Tickets<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tickets")
            .field("out", &self.issued.lock().tickets.len())
            .finish_non_exhaustive()
    }
}
