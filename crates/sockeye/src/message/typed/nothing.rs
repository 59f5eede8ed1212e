//! Nothing: what derived code reads where an action has no payload, or where there is no action.

use serde::Deserializer;
use serde::de::{Deserialize, Error, IgnoredAny};

/// Reads a payload that says nothing: whatever is there is passed over.
///
/// # Errors
/// What is not of the format at all.
pub fn read_nothing<'de, D: Deserializer<'de>>(payload: D) -> Result<(), D::Error> {
    IgnoredAny::deserialize(payload).map(|IgnoredAny| ())
}

/// The error for an index that is none of the type's actions.
pub fn no_action<E: Error>() -> E {
    E::custom("there is no action with this index")
}
