//! Closed: how a connection ended, as its client saw it.

use std::fmt;

use sockeye_protocol::{CloseCode, CloseFrame, ProtocolError};

/// The end of a connection from the client's side.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Closed {
    /// The code of the server's close frame; `None` when it carried none, or the connection ended without one.
    pub code: Option<CloseCode>,
    /// The reason in the close frame. Without a frame, what happened instead.
    pub reason: String,
    framed: bool,
}

impl Closed {
    pub(crate) fn by_frame(frame: Option<CloseFrame<'_>>) -> Self {
        Self {
            code: frame.map(|frame| frame.code),
            reason: frame.map_or("", |frame| frame.reason).to_owned(),
            framed: true,
        }
    }

    pub(crate) fn lost(how: &str) -> Self {
        Self {
            code: None,
            reason: how.to_owned(),
            framed: false,
        }
    }

    pub(crate) fn broken(error: &ProtocolError) -> Self {
        Self {
            code: None,
            reason: format!("the server broke the protocol: {error}"),
            framed: false,
        }
    }

    /// Whether a close frame came; without one the connection broke.
    #[must_use]
    pub fn has_frame(&self) -> bool {
        self.framed
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.framed, self.code) {
            (false, _) => write!(f, "without a close frame, {}", self.reason),
            (true, None) => f.write_str("by a close frame without a code"),
            (true, Some(code)) => write!(f, "closed with {code} {:?}", self.reason),
        }
    }
}
