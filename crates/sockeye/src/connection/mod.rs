//! One connection as a state machine: protocol endpoint, outbox, heartbeat and limits. No IO, no clock of its own.

mod ending;
mod frame;
mod heartbeat;
mod outbox;
mod rate;

pub use ending::{Cause, Disconnect};
pub(crate) use frame::{Frame, append};
pub(crate) use heartbeat::Beat;
pub(crate) use outbox::{Chunk, Outbox};

use std::sync::Arc;
use std::time::Instant;

use sockeye_protocol::{
    CloseFrame, Deflate, Endpoint, Event, Inbound, MessageKind, Opcode, Outbound, Role, State,
    frame as wire,
};

use crate::config::Options;
use crate::connection::heartbeat::Pulse;
use crate::connection::rate::Bucket;
use crate::message::Payload;

/// What one connection has received, is owed and is allowed.
#[derive(Debug)]
pub(crate) struct Connection {
    endpoint: Endpoint,
    pub(crate) outbox: Outbox,
    pulse: Pulse,
    messages: Option<Bucket>,
    controls: Bucket,
    /// Since when the peer has taken no byte of what waits for it.
    stalled: Option<Instant>,
    /// Since when a message has been on its way in.
    arriving: Option<Instant>,
    options: Arc<Options>,
}

/// What a piece of input came to.
#[derive(Debug)]
pub(crate) enum Arrival<'a> {
    /// Nothing for the handler.
    Nothing,
    /// A whole message.
    Message(Payload<'a>),
    /// The connection must end so.
    End(Disconnect),
}

impl Connection {
    pub(crate) fn new(options: Arc<Options>, deflate: Option<Deflate>, now: Instant) -> Self {
        Self {
            endpoint: Endpoint::new(Role::Server, options.protocol_limits(), deflate),
            outbox: Outbox::default(),
            pulse: Pulse::new(now),
            messages: options.rate.map(|rate| Bucket::new(rate, now)),
            controls: Bucket::new(options.control_rate, now),
            stalled: None,
            arriving: None,
            options,
        }
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// Steps the protocol over `input`, in place; gives how much of it was consumed and what that came to.
    pub(crate) fn receive<'a>(
        &'a mut self,
        input: &'a mut [u8],
        inbound: &'a mut Inbound,
        now: Instant,
    ) -> (usize, Arrival<'a>) {
        let len = input.len();
        let received = match self.endpoint.receive(input, inbound) {
            Ok(received) => received,
            Err(error) => return (len, Arrival::End(Disconnect::protocol(&error))),
        };
        self.arriving = match self.endpoint.is_mid_message() {
            true => self.arriving.or(Some(now)),
            false => None,
        };
        let arrival = match received.event {
            None => Arrival::Nothing,
            Some(Event::Text(text)) => message(
                &mut self.messages,
                &mut self.pulse,
                Payload::Text(text),
                now,
            ),
            Some(Event::Binary(bytes)) => message(
                &mut self.messages,
                &mut self.pulse,
                Payload::Binary(bytes),
                now,
            ),
            Some(Event::Close(close)) => Arrival::End(Disconnect::peer_closed(close)),
            Some(Event::Ping(_) | Event::Pong(_)) if !self.controls.take(now) => {
                Arrival::End(Disconnect::because(Cause::RateLimited))
            }
            Some(Event::Pong(_)) => Arrival::Nothing,
            Some(Event::Ping(payload)) => {
                if self.endpoint.is_open() {
                    self.outbox
                        .push(Chunk::Own(wire::encode(Opcode::Pong, payload)));
                }
                Arrival::Nothing
            }
        };
        (received.consumed, arrival)
    }

    /// Notes that bytes arrived, or that we did not listen.
    pub(crate) fn heard(&mut self, now: Instant) {
        self.pulse.heard(now);
    }

    /// Queues plain frames of this connection alone, compressing each message where that was agreed; gives back the
    /// buffer when it is free again.
    pub(crate) fn send_own(&mut self, frames: Vec<u8>, outbound: &mut Outbound) -> Option<Vec<u8>> {
        if self.endpoint.deflate().is_none() {
            self.outbox.push(Chunk::Own(frames));
            return None;
        }
        let mut compressed = Vec::with_capacity(frames.len());
        let mut rest = &frames[..];
        while let Some((opcode, payload)) = wire::parts(rest) {
            let kind = match opcode {
                Opcode::Text => MessageKind::Text,
                _ => MessageKind::Binary,
            };
            // Refused only after the end began, when nothing is collected any more.
            let _ = self
                .endpoint
                .send(kind, &rest[payload.clone()], &mut compressed, outbound);
            rest = &rest[payload.end..];
        }
        self.outbox.push(Chunk::Own(compressed));
        Some(frames)
    }

    /// Queues a frame shared with others. False when it does not fit the outbox any more: the peer is too slow.
    #[must_use]
    pub(crate) fn send_shared(&mut self, frame: &Frame, outbound: &mut Outbound) -> bool {
        let deflated = self.deflates(frame, outbound);
        let waiting = self.outbox.cost();
        // A frame above the limit may still leave alone.
        if waiting > 0 && waiting + frame.wire(deflated).len() > self.options.outbox_bytes {
            return false;
        }
        self.outbox.push(Chunk::Shared(frame.clone(), deflated));
        true
    }

    fn deflates(&self, frame: &Frame, outbound: &mut Outbound) -> bool {
        match &self.options.compression {
            Some(config) if self.endpoint.takes_shared_deflate(frame.payload().1.len()) => {
                frame.deflate(config, outbound)
            }
            _ => false,
        }
    }

    /// Queues our close frame, once.
    pub(crate) fn close(&mut self, close: Option<CloseFrame<'_>>, outbound: &mut Outbound) {
        let mut frame = Vec::new();
        if self.endpoint.close(close, &mut frame, outbound) {
            self.outbox.push(Chunk::Own(frame));
        }
    }

    /// Whether the closing handshake is through, as far as it depends on what is received.
    pub(crate) fn is_closed(&self) -> bool {
        self.endpoint.state() == State::Closed
    }

    /// What the time asks for: a ping is queued here, an ending is for the caller to carry out. `listening` is false
    /// while we do not read, when the peer's silence says nothing about the peer.
    pub(crate) fn tick(&mut self, now: Instant, listening: bool) -> Option<Disconnect> {
        if self
            .stalled
            .is_some_and(|since| now - since >= self.options.write_timeout)
        {
            return Some(Disconnect::because(Cause::SlowConsumer));
        }
        if !listening {
            self.pulse.heard(now);
            self.arriving = self.arriving.and(Some(now));
            return None;
        }
        if self
            .arriving
            .is_some_and(|since| now - since >= self.options.message_timeout)
        {
            return Some(Disconnect::because(Cause::MessageTimeout));
        }
        match self.pulse.beat(now, &self.options)? {
            Beat::Dead => Some(Disconnect::because(Cause::PingTimeout)),
            Beat::Idle => Some(Disconnect::because(Cause::IdleTimeout)),
            Beat::Ping => {
                self.outbox
                    .push(Chunk::Own(wire::encode(Opcode::Ping, &[])));
                None
            }
        }
    }

    /// Notes the outcome of a flush: whether bytes are left, and whether any were taken.
    pub(crate) fn flushed(&mut self, progress: bool, now: Instant) {
        if self.outbox.is_empty() {
            self.stalled = None;
        } else if progress || self.stalled.is_none() {
            self.stalled = Some(now);
        }
    }
}

fn message<'a>(
    bucket: &mut Option<Bucket>,
    pulse: &mut Pulse,
    payload: Payload<'a>,
    now: Instant,
) -> Arrival<'a> {
    if bucket.as_mut().is_some_and(|bucket| !bucket.take(now)) {
        return Arrival::End(Disconnect::because(Cause::RateLimited));
    }
    pulse.message(now);
    Arrival::Message(payload)
}
