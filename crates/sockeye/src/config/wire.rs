//! Wire: the names of the keys that typed messages have around their payload, and the case of those inside.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// How typed messages look: `{"action": .., "payload": ..}` unless it says otherwise. What a message type says of itself
/// wins over the endpoint's options, and those over the global ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Wire {
    /// The key of the discriminator. Defaults to `action`.
    pub action_key: Cow<'static, str>,
    /// The key of the value. Defaults to `payload`.
    pub payload_key: Cow<'static, str>,
    /// The case of all keys inside the payload. Defaults to that of the Rust types.
    pub case: Case,
}

/// The case of keys on the wire, where Rust has `snake_case`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Case {
    /// As serde writes them.
    #[default]
    AsWritten,
    /// `camelCase` on the wire, `snake_case` inside, in both directions and at every depth, keys of maps included. It
    /// costs another pass over the text; `#[message(rename_all_fields = "camelCase")]` on a type costs nothing.
    Camel,
}

impl Wire {
    /// The wire of the source frameworks: `action`, `payload`, keys as they are.
    pub const DEFAULT: Self = Self {
        action_key: Cow::Borrowed("action"),
        payload_key: Cow::Borrowed("payload"),
        case: Case::AsWritten,
    };
}

impl Default for Wire {
    fn default() -> Self {
        Self::DEFAULT
    }
}
