//! What a peer did wrong, and what an endpoint refuses to send.

use thiserror::Error;

use crate::close::CloseCode;

/// A rule of RFC 6455, RFC 7692 or [`Limits`](crate::Limits) that the peer broke. The connection cannot go on: send
/// [`ProtocolError::close_code`] and hang up (RFC 6455 7.1.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// RFC 6455 5.1: a client masks every frame.
    #[error("client sent a frame without a mask; clients mask every frame")]
    UnmaskedFrame,
    /// RFC 6455 5.1: a server never masks.
    #[error("server sent a masked frame; servers never mask")]
    MaskedFrame,
    /// RFC 6455 5.2, RFC 7692 6: reserved bits need an extension, RSV1 the first frame of a message.
    #[error("frame has reserved bits {bits:03b} set, which no agreed extension allows here")]
    ReservedBits {
        /// RSV1, RSV2 and RSV3 as the three low bits.
        bits: u8,
    },
    /// RFC 6455 5.2: opcodes 3-7 and 11-15 have no meaning.
    #[error("frame has opcode {opcode}, which is reserved")]
    ReservedOpcode {
        /// The four bits found.
        opcode: u8,
    },
    /// RFC 6455 5.2: a length stands in the shortest form that holds it.
    #[error("frame spells its length {length} in more bytes than it needs")]
    NonMinimalLength {
        /// The length found.
        length: u64,
    },
    /// RFC 6455 5.2: the top bit of a 64-bit length is zero.
    #[error("frame declares a length with the top bit set")]
    LengthTopBit,
    /// RFC 6455 5.5: control frames carry at most 125 bytes.
    #[error("control frame declares more than 125 bytes of payload")]
    ControlTooLong,
    /// RFC 6455 5.5: control frames are not fragmented.
    #[error("control frame is fragmented; only messages may be")]
    ControlFragmented,
    /// RFC 6455 5.4: a continuation needs a message that was begun.
    #[error("continuation frame arrived while no message was begun")]
    UnexpectedContinuation,
    /// RFC 6455 5.4: messages do not interleave.
    #[error("a new message began before the last one was finished")]
    UnfinishedMessage,
    /// RFC 6455 5.5.1: a close payload is empty or begins with a code of two bytes.
    #[error("close frame carries one byte; it needs two for its code, or none")]
    TruncatedCloseCode,
    /// RFC 6455 7.4: the code may not stand in a frame.
    #[error("close frame carries code {code}, which may not be sent")]
    InvalidCloseCode {
        /// The code found.
        code: u16,
    },
    /// RFC 6455 5.5.1: a close reason is UTF-8.
    #[error("close frame carries a reason that is not UTF-8")]
    InvalidCloseReason,
    /// RFC 6455 8.1: text is UTF-8.
    #[error("text message is not UTF-8")]
    InvalidUtf8,
    /// RFC 7692 7.2.2: the payload of a compressed message is DEFLATE.
    #[error("compressed message does not inflate")]
    InvalidDeflate,
    /// The declared length is over [`Limits::frame_bytes`](crate::Limits::frame_bytes).
    #[error("frame declares {length} bytes of payload, the limit is {limit}")]
    FrameTooLarge {
        /// The declared length in bytes.
        length: u64,
        /// The limit in bytes.
        limit: usize,
    },
    /// The message is over [`Limits::message_bytes`](crate::Limits::message_bytes).
    #[error("message is longer than the limit of {limit} bytes")]
    MessageTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The message has more frames than [`Limits::fragments`](crate::Limits::fragments).
    #[error("message comes in more than {limit} frames")]
    TooManyFragments {
        /// The limit in frames.
        limit: u32,
    },
}

impl ProtocolError {
    /// The code to close with.
    #[must_use]
    pub const fn close_code(&self) -> CloseCode {
        match self {
            Self::InvalidUtf8 | Self::InvalidCloseReason | Self::InvalidDeflate => {
                CloseCode::INVALID_DATA
            }
            Self::FrameTooLarge { .. } | Self::MessageTooLarge { .. } => CloseCode::TOO_LARGE,
            Self::TooManyFragments { .. } => CloseCode::POLICY,
            _ => CloseCode::PROTOCOL,
        }
    }
}

/// Why an endpoint did not write a frame. Nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SendError {
    /// A close frame was sent or received, or the peer broke the protocol: only a close frame may follow.
    #[error("cannot send on a connection that is closing")]
    Closing,
    /// RFC 6455 5.5: control frames carry at most 125 bytes.
    #[error("cannot send {length} bytes in a ping or pong, which carry at most 125")]
    ControlTooLong {
        /// The length asked for, in bytes.
        length: usize,
    },
}
