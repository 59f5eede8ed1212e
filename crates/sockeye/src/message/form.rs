//! Form: how typed messages are written and read on one connection.

use crate::config::Wire;

/// The encodings of typed messages, chosen by subprotocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// JSON in text frames.
    #[default]
    Json,
    /// MessagePack in binary frames, with keys as in JSON.
    #[cfg(feature = "msgpack")]
    MessagePack,
}

impl Format {
    /// The encoding that a subprotocol asks for: MessagePack when it is `msgpack` or ends in `.msgpack` or `+msgpack`.
    pub(crate) fn of_subprotocol(name: Option<&str>) -> Self {
        #[cfg(feature = "msgpack")]
        if let Some(before) = name.and_then(|name| name.strip_suffix("msgpack"))
            && (before.is_empty() || before.ends_with(['.', '+']))
        {
            return Self::MessagePack;
        }
        let _ = name;
        Self::Json
    }
}

/// The keys and the encoding of typed messages, as a connection has them.
#[derive(Clone, Copy, Debug)]
pub struct Form<'a> {
    pub(crate) wire: &'a Wire,
    pub(crate) format: Format,
}

impl Form<'static> {
    /// JSON with the default keys.
    pub const DEFAULT: Self = Self {
        wire: &Wire::DEFAULT,
        format: Format::Json,
    };
}

impl<'a> Form<'a> {
    /// A form by its parts.
    #[must_use]
    pub fn new(wire: &'a Wire, format: Format) -> Self {
        Self { wire, format }
    }

    /// The keys.
    #[must_use]
    pub fn wire(&self) -> &'a Wire {
        self.wire
    }

    /// The encoding.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }
}

/// What came around a typed message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    /// The action, where the message has one that the handler knows.
    pub action: Option<&'static str>,
    /// What the client calls this message, to find the reply to it by.
    pub reference: Option<Box<str>>,
}
