//! Marked: a message whose broadcast tells each member whether it is the sender.

use crate::message::{EncodeError, Form, Message, MessageKind, Outgoing};

/// A message that carries `is_mine` (sent by the same user) and `is_current` (sent by this connection) when it is
/// broadcast, right for each member, at most three times encoded. For values that are written as JSON objects, such as
/// `serde_json::Value`; a type says it of itself by `#[message(marked)]`.
///
/// ```
/// # fn main() -> sockeye::Result<()> {
/// # let hub = sockeye::Hub::new();
/// let price = serde_json::json!({ "action": "price", "payload": 7 });
/// hub.group("market")?.broadcast(sockeye::Marked(price))?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marked<T>(pub T);

impl<T: Outgoing> Outgoing for Marked<T> {
    const TYPED: bool = T::TYPED;

    fn encode(&self, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
        self.0.encode(out)
    }

    fn write(&self, form: Form<'_>, out: &mut Vec<u8>) -> Result<MessageKind, EncodeError> {
        self.0.write(form, out)
    }

    fn is_marked(&self) -> bool {
        true
    }
}

impl<T: Message> Message for Marked<T> {
    const ACTIONS: &'static [&'static str] = T::ACTIONS;
    const ACTION_KEY: Option<&'static str> = T::ACTION_KEY;
    const PAYLOAD_KEY: Option<&'static str> = T::PAYLOAD_KEY;
    const OWN_CASE: bool = T::OWN_CASE;

    fn action(&self) -> &'static str {
        self.0.action()
    }
}
