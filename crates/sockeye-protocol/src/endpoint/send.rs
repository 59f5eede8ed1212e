//! Messages and control frames out.

use crate::close::CloseFrame;
use crate::deflate::{Compressor, Deflate};
use crate::endpoint::{Endpoint, State};
use crate::error::SendError;
use crate::frame;
use crate::mask::Key;
use crate::opcode::{MessageKind, Opcode};
use crate::role::Role;
use crate::workspace::Outbound;

impl Endpoint {
    /// Appends one whole message to `out` as one frame, compressed where that was agreed and makes it shorter. The
    /// payload of a text message must be UTF-8.
    ///
    /// # Errors
    /// [`SendError::Closing`] unless the connection is open; nothing was written then.
    pub fn send(
        &mut self,
        kind: MessageKind,
        payload: &[u8],
        out: &mut Vec<u8>,
        outbound: &mut Outbound,
    ) -> Result<(), SendError> {
        debug_assert!(
            kind == MessageKind::Binary || simdutf8::basic::from_utf8(payload).is_ok(),
            "the payload of a text message is UTF-8"
        );
        self.check_open()?;
        let mask = self.next_mask(outbound);
        let threshold = |deflate: &Deflate| payload.len() >= deflate.threshold();
        let deflate = self.deflate.filter(threshold);
        if deflate.is_some_and(|deflate| self.compress(deflate, payload, outbound)) {
            frame::write(kind.into(), true, mask, &outbound.deflated, out);
        } else {
            frame::write(kind.into(), false, mask, payload, out);
        }
        Ok(())
    }

    /// Appends a ping to `out`.
    ///
    /// # Errors
    /// [`SendError::Closing`] unless the connection is open, [`SendError::ControlTooLong`] above 125 bytes.
    pub fn ping(
        &mut self,
        payload: &[u8],
        out: &mut Vec<u8>,
        outbound: &mut Outbound,
    ) -> Result<(), SendError> {
        self.control(Opcode::Ping, payload, out, outbound)
    }

    /// Appends a pong to `out`: the answer to [`Event::Ping`](crate::Event::Ping), with its payload.
    ///
    /// # Errors
    /// [`SendError::Closing`] unless the connection is open, [`SendError::ControlTooLong`] above 125 bytes.
    pub fn pong(
        &mut self,
        payload: &[u8],
        out: &mut Vec<u8>,
        outbound: &mut Outbound,
    ) -> Result<(), SendError> {
        self.control(Opcode::Pong, payload, out, outbound)
    }

    /// Appends a close frame to `out` unless one was sent before; the reason is cut to 123 bytes between characters.
    ///
    /// Returns whether it was written. Afterwards [`Endpoint::state`] is `CloseSent`, or `Closed` when the peer's close
    /// frame or its error came first.
    pub fn close(
        &mut self,
        frame: Option<CloseFrame<'_>>,
        out: &mut Vec<u8>,
        outbound: &mut Outbound,
    ) -> bool {
        self.state = match self.state {
            State::Open => State::CloseSent,
            State::CloseReceived => State::Closed,
            State::CloseSent | State::Closed => return false,
        };
        let mut payload = [0; 125];
        let length = frame.map_or(0, |frame| frame.write(&mut payload));
        let mask = self.next_mask(outbound);
        frame::write(Opcode::Close, false, mask, &payload[..length], out);
        true
    }

    fn control(
        &self,
        opcode: Opcode,
        payload: &[u8],
        out: &mut Vec<u8>,
        outbound: &mut Outbound,
    ) -> Result<(), SendError> {
        self.check_open()?;
        if payload.len() > 125 {
            return Err(SendError::ControlTooLong {
                length: payload.len(),
            });
        }
        frame::write(opcode, false, self.next_mask(outbound), payload, out);
        Ok(())
    }

    const fn check_open(&self) -> Result<(), SendError> {
        match self.state {
            State::Open => Ok(()),
            State::CloseSent | State::CloseReceived | State::Closed => Err(SendError::Closing),
        }
    }

    /// Compresses `payload` into the buffer of `outbound` and says whether that made it shorter.
    fn compress(&mut self, deflate: Deflate, payload: &[u8], outbound: &mut Outbound) -> bool {
        let direction = deflate.sent_by(self.role);
        if !direction.takeover() {
            return outbound
                .deflate(payload, direction.window_bits(), deflate.compression())
                .is_some();
        }
        outbound.shrink();
        outbound.compressions += 1;
        let make = || Compressor::new(direction.window_bits(), deflate.compression());
        let compressor = &mut self.held.get_or_insert_default().contexts().compressor;
        compressor
            .get_or_insert_with(make)
            .compress(payload, &mut outbound.deflated)
    }

    fn next_mask(&self, outbound: &mut Outbound) -> Option<Key> {
        match self.role {
            Role::Server => None,
            Role::Client => Some(outbound.masks.next_key()),
        }
    }
}
