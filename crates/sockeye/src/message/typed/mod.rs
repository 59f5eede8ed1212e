//! Typed messages: values with an action, which `#[derive(Message)]` reads and writes.

mod absent;
mod action;
mod case;
mod control;
mod decode;
mod encode;
mod explain;
mod extra;
mod fault;
mod feature;
mod head;
mod input;
mod key;
mod nothing;
mod object;
#[cfg(feature = "msgpack")]
mod pack;
mod reference;
#[cfg(feature = "schema")]
mod schema;
#[cfg(feature = "garde")]
mod validate;
#[cfg(feature = "msgpack")]
mod walk;

pub(crate) use action::action_of;
pub(crate) use control::Control;
pub use decode::decode;
pub use encode::encode;
pub use extra::{Extra, add};
pub use fault::{Fault, FaultKind, Faults, Place};
pub use nothing::{no_action, read_nothing};
pub use object::Object;
#[cfg(feature = "msgpack")]
pub(crate) use pack::pack;
#[cfg(feature = "schema")]
pub use schema::{ActionSchema, MessageSchema, schema_of};
#[cfg(feature = "garde")]
pub use validate::validate;

use serde::{Deserializer, Serializer};

/// A message with an action: what `#[derive(Message)]` makes of an enum, or of a struct with a single action.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no message",
    label = "not a message type",
    note = "write `#[derive(Message)]` on it (`use sockeye::Message;`)"
)]
pub trait Message: Sized + Send + 'static {
    /// All actions it may have, in the order of its variants.
    const ACTIONS: &'static [&'static str];

    /// Its own name for the key of the action, over that of [`Wire`](crate::Wire).
    const ACTION_KEY: Option<&'static str> = None;

    /// Its own name for the key of the payload.
    const PAYLOAD_KEY: Option<&'static str> = None;

    /// Whether the type says itself how its keys are written, so that [`Case`](crate::Case) leaves them alone.
    const OWN_CASE: bool = false;

    /// The action of this value.
    fn action(&self) -> &'static str;
}

/// A message that can be read.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read as a message",
    label = "not a message that comes in",
    note = "write `#[derive(Message)]` on it, without `#[message(outgoing)]`"
)]
pub trait ReadMessage: Message {
    /// The index in [`ACTIONS`](Message::ACTIONS) of the action with this name, further names of it included.
    fn find(action: &str) -> Option<usize> {
        Self::ACTIONS.iter().position(|known| *known == action)
    }

    /// Reads the payload of the action with this index in [`ACTIONS`](Message::ACTIONS), of one message twice where the
    /// first reader leaves something to another.
    ///
    /// # Errors
    /// What the payload lacks, in the words of serde.
    fn read_payload<'de, D: Deserializer<'de>>(action: usize, payload: D)
    -> Result<Self, D::Error>;

    /// Adds what breaks the rules that the type has for its values, with places from the payload on.
    fn validate(&self, faults: &mut Faults) {
        let _ = faults;
    }
}

/// A message that can be written.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written as a message",
    label = "not a message that goes out",
    note = "write `#[derive(Message)]` on it, without `#[message(incoming)]`"
)]
pub trait WriteMessage: Message {
    /// Whether this value has a payload; one without leaves its key out.
    fn has_payload(&self) -> bool;

    /// Writes the payload.
    ///
    /// # Errors
    /// What has no wire form.
    fn write_payload<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}
