//! Logged: a handler whose connection and messages are spans in the log.

use std::sync::Arc;
use std::task::Context;

use tracing::field::{Empty, display};
use tracing::{Level, Span};

use crate::connection::{Disconnect, Frame};
use crate::engine::{Hook, Lifecycle, Progress, Spare};
use crate::handshake::Handshake;
use crate::id::ConnectionId;
use crate::message::{Payload, action_of};
use crate::socket::Site;

/// What messages and connections are called in the log, so that a filter can name them.
const TARGET: &str = "sockeye::messages";

/// Bytes of a payload that are shown, where they are shown at all.
const SHOWN_BYTES_MAX: usize = 1024;

/// A handler inside of its spans. There is none where nobody listens: a connection that is not logged keeps nothing for
/// it.
pub(crate) struct Logged {
    inner: Box<dyn Lifecycle>,
    connection: Span,
    /// The message that is handled, or was last.
    message: Span,
    received: u64,
    site: Arc<Site>,
}

impl Logged {
    /// Puts a handler into the span of its connection, which `make` runs in too; as it is when nobody listens.
    pub(crate) fn around(
        id: ConnectionId,
        handshake: &Handshake,
        site: &Arc<Site>,
    ) -> impl FnOnce(Box<dyn Lifecycle>) -> Box<dyn Lifecycle> + use<> {
        let connection = tracing::info_span!(
            target: TARGET, "connection", %id, path = %handshake.path(), route = &*site.route, peer = Empty
        );
        if let Some(peer) = handshake.peer() {
            connection.record("peer", display(peer));
        }
        let site = Arc::clone(site);
        move |inner| match connection.is_disabled() {
            true => inner,
            false => Box::new(Self {
                inner,
                connection,
                message: Span::none(),
                received: 0,
                site,
            }),
        }
    }

    fn action(&self, payload: Payload<'_>) -> Option<String> {
        match payload {
            Payload::Text(text) => action_of(text, &self.site.options.wire.action_key),
            Payload::Binary(_) => None,
        }
    }

    fn ignores(&self, action: Option<&str>) -> bool {
        let ignored = &self.site.options.log_ignored;
        action.is_some_and(|action| ignored.iter().any(|one| one == action))
    }

    /// Notes a message that has arrived, whose span is the current one.
    fn note_received(&self, action: Option<&str>, payload: Payload<'_>) {
        if !self.site.options.log_received || self.ignores(action) {
            return;
        }
        let bytes = payload.as_bytes().len();
        let payload = shown(payload);
        tracing::debug!(target: TARGET, bytes, payload, "received");
    }
}

/// The payload as text, as far as it is shown, where it is at all.
fn shown(payload: Payload<'_>) -> Option<String> {
    let bytes = payload.as_bytes();
    let start = &bytes[..bytes.len().min(SHOWN_BYTES_MAX)];
    let shows = tracing::enabled!(target: TARGET, Level::TRACE);
    shows.then(|| String::from_utf8_lossy(start).into_owned())
}

impl Lifecycle for Logged {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn connect(&mut self) {
        let _connection = self.connection.enter();
        tracing::debug!(target: TARGET, "connected");
        self.inner.connect();
    }

    fn message(
        &mut self,
        payload: Payload<'_>,
        cx: &mut Context<'_>,
        spare: &mut Spare,
    ) -> Progress {
        let _connection = self.connection.enter();
        self.received += 1;
        let action = self.action(payload);
        let action = action.as_deref();
        self.message =
            tracing::info_span!(target: TARGET, "message", number = self.received, action);
        let _message = self.message.enter();
        self.note_received(action, payload);
        self.inner.message(payload, cx, spare)
    }

    fn gap(&mut self, topic: &Arc<str>, messages: u64) {
        self.message = Span::none();
        let _connection = self.connection.enter();
        self.inner.gap(topic, messages);
    }

    fn event(&mut self, topic: &Arc<str>, frame: Frame) {
        self.message = Span::none();
        let _connection = self.connection.enter();
        self.inner.event(topic, frame);
    }

    fn disconnect(&mut self, disconnect: Disconnect) {
        self.message = Span::none();
        let _connection = self.connection.enter();
        tracing::debug!(target: TARGET, %disconnect, "disconnected");
        self.inner.disconnect(disconnect);
    }

    fn cancel(&mut self, hook: Hook) {
        let _connection = self.connection.enter();
        let _message = self.message.enter();
        self.inner.cancel(hook);
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Progress {
        let _connection = self.connection.enter();
        let _message = self.message.enter();
        self.inner.poll(cx)
    }

    fn logs_sent(&self) -> bool {
        self.site.options.log_sent && tracing::enabled!(target: TARGET, Level::DEBUG)
    }

    fn sent(&self, payload: Payload<'_>) {
        let action = self.action(payload);
        let action = action.as_deref();
        if self.ignores(action) {
            return;
        }
        let _connection = self.connection.enter();
        let _message = self.message.enter();
        let bytes = payload.as_bytes().len();
        let payload = shown(payload);
        tracing::debug!(target: TARGET, action, bytes, payload, "sent");
    }
}
