//! Bytes in, events out.

use std::mem;

use crate::assembly::{Assembly, Body, check_length};
use crate::close::CloseFrame;
use crate::deflate::Inflater;
use crate::endpoint::held::{Held, OpenFrame};
use crate::endpoint::{Endpoint, State};
use crate::error::ProtocolError;
use crate::event::{Event, Received};
use crate::frame::Header;
use crate::limits::Limits;
use crate::mask::Key;
use crate::opcode::Opcode;
use crate::role::Role;
use crate::short::SHORT_BYTES_MAX;
use crate::workspace::Inbound;

/// A control frame or message whose bytes have all arrived, not yet judged by what they say.
enum Whole<'a> {
    /// One frame, in the input.
    InPlace(Header, &'a [u8]),
    /// A control frame that came in pieces.
    Control(Opcode, Vec<u8>),
    /// A message that came in pieces.
    Message(Assembly),
}

impl Endpoint {
    /// Reads the next bytes from the peer, up to the end of the first whole message or control frame in them.
    ///
    /// Call it again with `&mut input[consumed..]` until the event is `None`: then all input is consumed, also what is
    /// the beginning of something longer. A message that lies whole in the input and is not compressed costs no
    /// allocation: it is unmasked and handed out in place, up to 125 bytes in `inbound`. The event borrows `input` and `inbound`, not
    /// the endpoint, so that it can be answered while it is read.
    ///
    /// The limits bound what the peer may make this endpoint hold. They may be others with each call, for instance larger
    /// once the peer is known, and hold from the next frame on.
    ///
    /// After the peer's close frame, and after an error, all further input is consumed and ignored (RFC 6455 1.4, 7.1.7).
    ///
    /// # Errors
    /// When the peer broke a rule or a limit. The connection cannot go on: [`Endpoint::close`] with
    /// [`ProtocolError::close_code`], flush, hang up.
    pub fn receive<'a>(
        &mut self,
        input: &'a mut [u8],
        limits: &Limits,
        inbound: &'a mut Inbound,
    ) -> Result<Received<'a>, ProtocolError> {
        let total = input.len();
        if matches!(self.state, State::CloseReceived | State::Closed) {
            return Ok(Received {
                consumed: total,
                event: None,
            });
        }
        let mut rest = input;
        if let Some((opcode, masked, key)) = self.take_short(&mut rest, limits) {
            let short = &mut inbound.short;
            short.unmask(masked, key);
            let event = match opcode {
                Opcode::Text => {
                    let text = short.text(masked.len());
                    Event::Text(text.inspect_err(|_| self.stop_receiving())?)
                }
                _ => Event::Binary(short.bytes(masked.len())),
            };
            return Ok(Received {
                consumed: total - rest.len(),
                event: Some(event),
            });
        }
        self.receive_any(rest, limits, inbound)
    }

    /// Reads what may be cut, fragmented, compressed or a control frame.
    #[inline(never)] // or the short way would save registers for it
    fn receive_any<'a>(
        &mut self,
        input: &'a mut [u8],
        limits: &Limits,
        inbound: &'a mut Inbound,
    ) -> Result<Received<'a>, ProtocolError> {
        let total = input.len();
        let mut rest = input;
        inbound.shrink();
        let event = match self.next_whole(&mut rest, limits) {
            Ok(Some(whole)) => self.judge(whole, limits, inbound).map(Some),
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        };
        if matches!(event, Err(_) | Ok(Some(Event::Close(_)))) {
            self.stop_receiving();
        }
        if self.held.as_deref().is_some_and(Held::is_empty) {
            self.held = None;
        }
        event.map(|event| Received {
            consumed: total - rest.len(),
            event,
        })
    }

    /// Takes a message off `rest` that is one whole frame of a client, short, not compressed, with nothing before it:
    /// nearly all there are. Whatever else comes is left for those who know the rules.
    fn take_short<'a>(
        &self,
        rest: &mut &'a mut [u8],
        limits: &Limits,
    ) -> Option<(Opcode, &'a [u8], Key)> {
        const FINAL_TEXT: u8 = 0x81;
        const FINAL_BINARY: u8 = 0x82;
        const MASKED: u8 = 0x80;
        let [first, second, a, b, c, d, after @ ..] = &**rest else {
            return None;
        };
        let opcode = match *first {
            FINAL_TEXT => Opcode::Text,
            FINAL_BINARY => Opcode::Binary,
            _ => return None,
        };
        // Without the mask this is far too long.
        let length = usize::from(second.wrapping_sub(MASKED));
        let limit = limits.message_bytes.min(limits.frame_bytes);
        let is_short = length <= after.len().min(limit).min(SHORT_BYTES_MAX);
        if !is_short || self.role != Role::Server || self.is_mid_message() {
            return None;
        }
        let key = [*a, *b, *c, *d];
        let (frame, after) = mem::take(rest).split_at_mut(6 + length);
        *rest = after;
        Some((opcode, &frame[6..], key))
    }

    /// Takes frames off `rest` until one completes something; `None` when `rest` is used up.
    fn next_whole<'a>(
        &mut self,
        rest: &mut &'a mut [u8],
        limits: &Limits,
    ) -> Result<Option<Whole<'a>>, ProtocolError> {
        loop {
            let open = self.held.as_mut().and_then(|held| held.frame.take());
            let is_new = open.is_none();
            let mut frame = match open {
                Some(frame) => frame,
                None => match self.next_header(rest)? {
                    Some(header) => self.admit(header, limits)?,
                    None => return Ok(None),
                },
            };
            let arrived = frame.remaining.min(rest.len());
            let (payload, after) = mem::take(rest).split_at_mut(arrived);
            *rest = after;
            frame.take(payload);
            let Header { fin, opcode, .. } = frame.header;
            if is_new && frame.is_complete() && fin && opcode != Opcode::Continuation {
                return Ok(Some(Whole::InPlace(frame.header, payload)));
            }
            let is_complete = frame.is_complete();
            if let Some(whole) = self.hold(frame, payload)? {
                return Ok(Some(whole));
            }
            if !is_complete {
                return Ok(None);
            }
        }
    }

    /// Takes a header off `rest`; `None` when it is incomplete, its bytes being kept.
    fn next_header(&mut self, rest: &mut &mut [u8]) -> Result<Option<Header>, ProtocolError> {
        if let Some(held) = &mut self.held
            && !held.spill.is_empty()
        {
            return held.spill.complete(rest);
        }
        let Some((header, size)) = Header::parse(rest)? else {
            if !rest.is_empty() {
                let held = self.held.get_or_insert_default();
                held.spill.keep(rest);
                *rest = &mut [];
            }
            return Ok(None);
        };
        *rest = &mut mem::take(rest)[size..];
        Ok(Some(header))
    }

    /// Judges a header by what it means on this connection at this point, before any of its payload.
    fn admit(&mut self, header: Header, limits: &Limits) -> Result<OpenFrame, ProtocolError> {
        match (self.role, header.mask) {
            (Role::Server, None) => return Err(ProtocolError::UnmaskedFrame),
            (Role::Client, Some(_)) => return Err(ProtocolError::MaskedFrame),
            _ => {}
        }
        let begins = matches!(header.opcode, Opcode::Text | Opcode::Binary);
        if header.rsv1 && !(begins && self.deflate.is_some()) {
            return Err(ProtocolError::ReservedBits { bits: 0b100 });
        }
        let message = self.held.as_mut().and_then(|held| held.message.as_mut());
        let length = match (header.opcode, message) {
            (Opcode::Continuation, None) => return Err(ProtocolError::UnexpectedContinuation),
            (Opcode::Continuation, Some(message)) => message.admit(header.length, limits)?,
            (Opcode::Text | Opcode::Binary, Some(_)) => {
                return Err(ProtocolError::UnfinishedMessage);
            }
            _ if begins => check_length(header.length, 0, header.rsv1, limits)?,
            // The header was refused if a control frame were longer than 125 bytes.
            _ => header.length as usize,
        };
        Ok(OpenFrame::new(header, length))
    }

    /// Keeps what arrived of a frame that is not a whole message in one piece, and what that completes.
    fn hold<'a>(
        &mut self,
        frame: OpenFrame,
        payload: &[u8],
    ) -> Result<Option<Whole<'a>>, ProtocolError> {
        let held = self.held.get_or_insert_default();
        let (header, complete) = (frame.header, frame.is_complete());
        if header.opcode.is_control() {
            held.control.extend_from_slice(payload);
        } else {
            let length = payload.len() + frame.remaining;
            let message = held
                .message
                .get_or_insert_with(|| Assembly::begin(&header, length));
            message.push(payload)?;
        }
        if !complete {
            held.frame = Some(frame);
            return Ok(None);
        }
        Ok(if header.opcode.is_control() {
            Some(Whole::Control(header.opcode, mem::take(&mut held.control)))
        } else if header.fin {
            held.message.take().map(Whole::Message)
        } else {
            None
        })
    }

    /// Turns what arrived into an event, if it says something valid.
    fn judge<'a>(
        &mut self,
        whole: Whole<'a>,
        limits: &Limits,
        inbound: &'a mut Inbound,
    ) -> Result<Event<'a>, ProtocolError> {
        match whole {
            Whole::InPlace(header, payload) if header.rsv1 => {
                self.inflate(header.opcode, payload, limits, inbound)
            }
            Whole::InPlace(header, payload) => read(header.opcode, payload),
            Whole::Control(opcode, payload) => {
                inbound.bytes = payload;
                read(opcode, &inbound.bytes)
            }
            Whole::Message(message) => match message.into_body() {
                Body::Text(text) => {
                    inbound.text = text.finish()?;
                    Ok(Event::Text(&inbound.text))
                }
                Body::Binary(payload) => {
                    inbound.bytes = payload;
                    Ok(Event::Binary(&inbound.bytes))
                }
                Body::Deflated(opcode, payload) => self.inflate(opcode, &payload, limits, inbound),
            },
        }
    }

    /// Inflates a whole compressed message and turns it into an event.
    fn inflate<'a>(
        &mut self,
        opcode: Opcode,
        payload: &[u8],
        limits: &Limits,
        inbound: &'a mut Inbound,
    ) -> Result<Event<'a>, ProtocolError> {
        let takeover = self
            .deflate
            .is_some_and(|deflate| deflate.received_by(self.role).takeover());
        let own = takeover.then(|| {
            let inflater = &mut self.held.get_or_insert_default().contexts().inflater;
            inflater.get_or_insert_with(Inflater::new)
        });
        inbound.inflate(own, payload, limits.message_bytes)?;
        read(opcode, &inbound.bytes)
    }

    /// Lets go of everything held: nothing more is read, and messages are not sent either.
    fn stop_receiving(&mut self) {
        self.held = None;
        self.state = match self.state {
            State::Open | State::CloseReceived => State::CloseReceived,
            State::CloseSent | State::Closed => State::Closed,
        };
    }
}

/// Reads a whole payload as what its opcode says that it is.
fn read(opcode: Opcode, payload: &[u8]) -> Result<Event<'_>, ProtocolError> {
    Ok(match opcode {
        Opcode::Text => Event::Text(
            simdutf8::basic::from_utf8(payload).map_err(|_| ProtocolError::InvalidUtf8)?,
        ),
        // A continuation is never whole: it ends a message that began before it.
        Opcode::Binary | Opcode::Continuation => Event::Binary(payload),
        Opcode::Ping => Event::Ping(payload),
        Opcode::Pong => Event::Pong(payload),
        Opcode::Close => Event::Close(CloseFrame::parse(payload)?),
    })
}
