//! One connection as a state machine: protocol endpoint, outbox, heartbeat and limits. No IO, no clock of its own.

mod ending;
mod frame;
mod heartbeat;
mod marked;
mod moment;
mod outbox;
mod rate;

pub use ending::{Cause, Disconnect};
pub(crate) use frame::{Frame, append};
pub(crate) use heartbeat::Beat;
pub(crate) use marked::Origin;
pub(crate) use moment::Moment;
pub(crate) use outbox::{CHUNK_COST, Chunk, Outbox};

use std::sync::Arc;

use sockeye_protocol::{
    CloseFrame, Deflate, Endpoint, Event, Inbound, MessageKind, Opcode, Outbound, Role, State,
    frame as wire,
};

use crate::config::{Options, Overflow};
use crate::connection::heartbeat::Pulse;
use crate::connection::rate::Bucket;
use crate::message::Payload;

/// What one connection has received, is owed and is allowed.
#[derive(Debug)]
pub(crate) struct Connection {
    endpoint: Endpoint,
    pub(crate) outbox: Outbox,
    pulse: Pulse,
    messages: Bucket,
    controls: Bucket,
    /// Since when the peer has taken no byte of what waits for it.
    stalled: Option<Moment>,
    /// Since when a message has been on its way in.
    arriving: Option<Moment>,
    options: Arc<Options>,
}

/// In which form a peer takes a frame that is shared with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SharedForm {
    /// Never compressed.
    Plain,
    /// Compressed wherever the frame has that form.
    Deflated,
    /// It depends on the frame: the peer's window is small.
    Each,
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
    pub(crate) fn new(options: Arc<Options>, deflate: Option<Deflate>, now: Moment) -> Self {
        Self {
            endpoint: Endpoint::new(Role::Server, deflate),
            outbox: Outbox::default(),
            pulse: Pulse::new(now),
            messages: Bucket::full(options.rate.unwrap_or(options.control_rate), now),
            controls: Bucket::full(options.control_rate, now),
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
        now: Moment,
    ) -> (usize, Arrival<'a>) {
        let len = input.len();
        let limits = self.options.protocol_limits();
        let received = match self.endpoint.receive(input, &limits, inbound) {
            Ok(received) => received,
            Err(error) => return (len, Arrival::End(Disconnect::protocol(&error))),
        };
        self.arriving = match self.endpoint.is_mid_message() {
            true => self.arriving.or(Some(now)),
            false => None,
        };
        let arrival = match received.event {
            None => Arrival::Nothing,
            Some(Event::Text(_) | Event::Binary(_)) if !self.may_message(now) => {
                Arrival::End(Disconnect::because(Cause::RateLimited))
            }
            Some(Event::Text(text)) => Arrival::Message(Payload::Text(text)),
            Some(Event::Binary(bytes)) => Arrival::Message(Payload::Binary(bytes)),
            Some(Event::Close(close)) => Arrival::End(Disconnect::peer_closed(close)),
            Some(Event::Ping(_) | Event::Pong(_))
                if !self.controls.take(self.options.control_rate, now) =>
            {
                Arrival::End(Disconnect::because(Cause::RateLimited))
            }
            Some(Event::Pong(_)) => Arrival::Nothing,
            Some(Event::Ping(payload)) => {
                if self.endpoint.is_open() {
                    let pong = wire::encode(Opcode::Pong, payload);
                    self.outbox.push(Chunk::Own(pong));
                }
                Arrival::Nothing
            }
        };
        (received.consumed, arrival)
    }

    /// Counts a message; false when it is one too many.
    fn may_message(&mut self, now: Moment) -> bool {
        self.pulse.message(now);
        self.options
            .rate
            .is_none_or(|rate| self.messages.take(rate, now))
    }

    /// Whether a message is on its way in.
    pub(crate) fn is_arriving(&self) -> bool {
        self.arriving.is_some()
    }

    /// Notes that bytes arrived, or that we did not listen.
    pub(crate) fn heard(&mut self, now: Moment) {
        self.pulse.heard(now);
    }

    /// Gives the wire form of plain frames of this connection alone: each message compressed, into `sealed`, where that
    /// was agreed.
    pub(crate) fn seal<'a>(
        &mut self,
        frames: &'a [u8],
        sealed: &'a mut Vec<u8>,
        outbound: &mut Outbound,
    ) -> &'a [u8] {
        if self.endpoint.deflate().is_none() {
            return frames;
        }
        sealed.clear();
        let mut rest = frames;
        while let Some((opcode, payload)) = wire::parts(rest) {
            let kind = match opcode {
                Opcode::Text => MessageKind::Text,
                _ => MessageKind::Binary,
            };
            // Refused only after the end began, when nothing is collected any more.
            let _ = self
                .endpoint
                .send(kind, &rest[payload.clone()], sealed, outbound);
            rest = &rest[payload.end..];
        }
        sealed
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

    /// Whether what a group may fill of the outbox that drops for slow members has room for `frame`: half of it, so that
    /// replies find some too.
    pub(crate) fn has_droppable_room(&self, frame: &Frame) -> bool {
        let waiting = self.outbox.cost();
        waiting == 0 || waiting + frame.len() + CHUNK_COST <= self.options.outbox_bytes / 2
    }

    /// Queues a frame shared with others of a group, by its number, that drops or replaces; gives how many messages were
    /// lost for that, itself counted where there is no other.
    pub(crate) fn send_droppable(
        &mut self,
        frame: &Frame,
        group: u64,
        overflow: Overflow,
        outbound: &mut Outbound,
    ) -> u64 {
        let deflated = self.deflates(frame, outbound);
        let chunk = Chunk::Droppable(frame.clone(), deflated, group);
        let mut lost = 0;
        match overflow {
            Overflow::KeepLatest if self.is_behind() => match self.outbox.replace(chunk) {
                Ok(()) => lost += 1,
                Err(chunk) => self.outbox.push_replaceable(chunk),
            },
            Overflow::KeepLatest => self.outbox.push_replaceable(chunk),
            Overflow::DropOldest | Overflow::Disconnect => self.outbox.push(chunk),
        }
        // A frame above the limit may still leave alone.
        let is_full =
            |outbox: &Outbox| outbox.cost() > self.options.outbox_bytes / 2 && outbox.chunks() > 1;
        while is_full(&self.outbox) && self.outbox.drop_oldest(group) {
            lost += 1;
        }
        lost
    }

    /// Whether the peer has not taken all that the last flush had for it.
    pub(crate) fn is_behind(&self) -> bool {
        self.stalled.is_some()
    }

    /// In which form its peer takes shared frames.
    pub(crate) fn shared_form(&self) -> SharedForm {
        let takes = |bytes| self.endpoint.takes_shared_deflate(bytes);
        match &self.options.compression {
            Some(_) if takes(usize::MAX) => SharedForm::Deflated,
            Some(_) if takes(0) => SharedForm::Each,
            _ => SharedForm::Plain,
        }
    }

    /// Whether this peer gets the compressed form of `frame`, which is made if nobody did.
    pub(crate) fn deflates(&self, frame: &Frame, outbound: &mut Outbound) -> bool {
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
    pub(crate) fn tick(&mut self, now: Moment, listening: bool) -> Option<Disconnect> {
        let has_run_out = |since: Option<Moment>, limit| {
            since.is_some_and(|since| now.reached(since.after(limit)))
        };
        if has_run_out(self.stalled, self.options.write_timeout) {
            return Some(Disconnect::because(Cause::SlowConsumer));
        }
        if !listening {
            self.pulse.heard(now);
            self.arriving = self.arriving.and(Some(now));
            return None;
        }
        if has_run_out(self.arriving, self.options.message_timeout) {
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

    /// When time will next ask for something, unless something happens before.
    pub(crate) fn due(&self) -> Moment {
        let options = &self.options;
        let write = self.stalled.map(|at| at.after(options.write_timeout));
        let message = self.arriving.map(|at| at.after(options.message_timeout));
        let earliest = |due: Moment, other: Option<Moment>| other.map_or(due, |at| at.min(due));
        earliest(earliest(self.pulse.due(options), write), message)
    }

    /// Notes the outcome of a flush: whether bytes are left, and whether any were taken.
    pub(crate) fn flushed(&mut self, progress: bool, now: Moment) {
        if self.outbox.is_empty() {
            self.stalled = None;
        } else if progress || self.stalled.is_none() {
            self.stalled = Some(now);
        }
    }
}
