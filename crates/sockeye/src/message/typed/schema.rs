//! Schema: message types as JSON schemas, for documents.

use std::borrow::Cow;

use schemars::{Schema, SchemaGenerator, json_schema};

use crate::config::Wire;
use crate::message::typed::Message;

/// A message that describes itself: what `#[message(schema)]` adds to `#[derive(Message)]`. The type is then a
/// `schemars::JsonSchema` too, as the object that travels, with the usual keys where it has none of its own.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not describe itself",
    label = "a message without a schema",
    note = "write `#[derive(Message)] #[message(schema)]` on it"
)]
pub trait MessageSchema: Message {
    /// One for each action, in the order of [`ACTIONS`](Message::ACTIONS). Types inside of payloads go to the
    /// definitions of `generator`.
    fn payloads(generator: &mut SchemaGenerator) -> Vec<ActionSchema>;
}

/// What one action carries.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionSchema {
    /// Its name on the wire.
    pub action: &'static str,
    /// The documentation of the variant, without the marks of a comment; empty where there is none.
    pub description: &'static str,
    /// Its payload, unless it has none.
    pub payload: Option<Schema>,
}

/// The schema of whole messages: one of the type's actions.
pub fn schema_of<M: MessageSchema>(generator: &mut SchemaGenerator) -> Schema {
    let actions = M::payloads(generator).into_iter();
    let mut each: Vec<Schema> = actions.map(whole::<M>).collect();
    match each.len() {
        1 => each.remove(0),
        _ => json_schema!({ "oneOf": each }),
    }
}

fn whole<M: Message>(action: ActionSchema) -> Schema {
    let key =
        |own: Option<&'static str>, usual: &Cow<'static, str>| own.unwrap_or(usual).to_owned();
    let action_key = key(M::ACTION_KEY, &Wire::DEFAULT.action_key);
    let payload_key = key(M::PAYLOAD_KEY, &Wire::DEFAULT.payload_key);
    let mut properties = serde_json::Map::new();
    let mut required = vec![action_key.clone()];
    properties.insert(action_key, serde_json::json!({ "const": action.action }));
    if let Some(payload) = action.payload {
        required.push(payload_key.clone());
        properties.insert(payload_key, payload.to_value());
    }
    let mut schema =
        json_schema!({ "type": "object", "properties": properties, "required": required });
    if !action.description.is_empty() {
        schema.insert("description".to_owned(), action.description.into());
    }
    schema
}
