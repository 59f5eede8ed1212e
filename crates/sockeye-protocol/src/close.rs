//! How a connection says that it ends: code and reason (RFC 6455 7.4).

use std::fmt;

use crate::error::ProtocolError;

/// Longest reason of a close frame in bytes: a control payload of 125 less the two of the code.
pub const CLOSE_REASON_BYTES_MAX: usize = 123;

/// A status code that may stand in a close frame: 1000-1003, 1007-1014 and 3000-4999.
///
/// 1005, 1006 and 1015 describe what happened without a frame (RFC 6455 7.4.1), so no value of this type holds them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CloseCode(u16);

impl CloseCode {
    /// The purpose of the connection is fulfilled.
    pub const NORMAL: Self = Self(1000);
    /// The server shuts down or the page is left; it will not be back.
    pub const GOING_AWAY: Self = Self(1001);
    /// The peer broke the WebSocket protocol.
    pub const PROTOCOL: Self = Self(1002);
    /// The peer sent a kind of message that is not accepted here.
    pub const UNSUPPORTED: Self = Self(1003);
    /// The peer sent text that is not UTF-8, or compressed bytes that do not inflate.
    pub const INVALID_DATA: Self = Self(1007);
    /// The peer broke a rule of the application.
    pub const POLICY: Self = Self(1008);
    /// The peer sent a message over the limit.
    pub const TOO_LARGE: Self = Self(1009);
    /// The client needed an extension that the server did not agree to.
    pub const EXTENSION_REQUIRED: Self = Self(1010);
    /// The server failed.
    pub const INTERNAL: Self = Self(1011);
    /// The server restarts; the client should connect again.
    pub const RESTART: Self = Self(1012);
    /// The server is overloaded; the client should connect again later.
    pub const TRY_AGAIN: Self = Self(1013);
    /// A gateway got no usable answer from the server behind it.
    pub const BAD_GATEWAY: Self = Self(1014);

    /// The close code with this number, for numbers written in code; [`TryFrom`] is for numbers from elsewhere.
    ///
    /// # Panics
    /// When a close frame may not carry `code`: see [`CloseCode::is_valid_on_wire`].
    #[must_use]
    #[track_caller]
    pub const fn new(code: u16) -> Self {
        assert!(
            Self::is_valid_on_wire(code),
            "a close frame carries 1000-1003, 1007-1014 or 3000-4999; applications use 4000-4999"
        );
        Self(code)
    }

    /// Whether a close frame may carry this number (RFC 6455 7.4.1 and the IANA registry).
    #[must_use]
    pub const fn is_valid_on_wire(code: u16) -> bool {
        matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
    }

    /// The number.
    #[must_use]
    pub const fn as_u16(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for CloseCode {
    type Error = ProtocolError;

    fn try_from(code: u16) -> Result<Self, ProtocolError> {
        if Self::is_valid_on_wire(code) {
            Ok(Self(code))
        } else {
            Err(ProtocolError::InvalidCloseCode { code })
        }
    }
}

impl From<CloseCode> for u16 {
    fn from(code: CloseCode) -> Self {
        code.0
    }
}

impl fmt::Debug for CloseCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "CloseCode({})", self.0)
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// What a close frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CloseFrame<'a> {
    /// Why the connection ends, for programs.
    pub code: CloseCode,
    /// Why the connection ends, for people. Sent up to [`CLOSE_REASON_BYTES_MAX`] bytes, cut between characters.
    pub reason: &'a str,
}

impl<'a> CloseFrame<'a> {
    /// Reads the payload of a close frame; an empty one says nothing and gives `None`.
    pub(crate) fn parse(payload: &'a [u8]) -> Result<Option<Self>, ProtocolError> {
        let [high, low, reason @ ..] = payload else {
            return match payload {
                [] => Ok(None),
                _ => Err(ProtocolError::TruncatedCloseCode),
            };
        };
        let code = CloseCode::try_from(u16::from_be_bytes([*high, *low]))?;
        let reason = std::str::from_utf8(reason).map_err(|_| ProtocolError::InvalidCloseReason)?;
        Ok(Some(Self { code, reason }))
    }

    /// Writes the payload of a close frame into `payload` and returns how much of it that is.
    pub(crate) fn write(&self, payload: &mut [u8; 125]) -> usize {
        let mut length = self.reason.len().min(CLOSE_REASON_BYTES_MAX);
        while !self.reason.is_char_boundary(length) {
            length -= 1;
        }
        let (code, reason) = payload.split_at_mut(2);
        code.copy_from_slice(&self.code.as_u16().to_be_bytes());
        reason[..length].copy_from_slice(&self.reason.as_bytes()[..length]);
        2 + length
    }
}

#[cfg(test)]
mod tests {
    use super::{CloseCode, CloseFrame};

    #[test]
    fn only_codes_with_a_meaning_on_the_wire_are_valid() {
        let valid = (0..=u16::MAX)
            .filter(|&code| CloseCode::is_valid_on_wire(code))
            .count();
        assert_eq!(valid, 4 + 8 + 2000);
        for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, u16::MAX] {
            assert!(!CloseCode::is_valid_on_wire(code), "{code}");
            assert!(CloseCode::try_from(code).is_err(), "{code}");
        }
    }

    #[test]
    #[should_panic(expected = "applications use 4000-4999")]
    fn a_code_that_cannot_be_sent_panics_where_it_is_written() {
        let _ = CloseCode::new(1006);
    }

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let reason = "é".repeat(100);
        let mut payload = [0; 125];
        let length = CloseFrame {
            code: CloseCode::POLICY,
            reason: &reason,
        }
        .write(&mut payload);
        let read = CloseFrame::parse(&payload[..length]).unwrap().unwrap();
        assert_eq!(read.reason, "é".repeat(61));
    }
}
