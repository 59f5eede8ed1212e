//! Key: the keys of a message around its payload.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, Visitor};

use crate::message::Form;
use crate::message::typed::Message;

/// What a client calls its message, to find the reply by; the same in every form.
pub(crate) const REFERENCE: &str = "ref";

/// A key of a message; what is none of ours is passed over.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Action,
    Payload,
    Reference,
    Other,
}

/// Which keys were there.
#[derive(Default)]
pub(crate) struct Seen {
    action: bool,
    payload: bool,
    reference: bool,
}

impl Seen {
    /// Notes a key; whether it is there for the first time. Keys that are none of ours may repeat.
    pub(crate) fn first(&mut self, key: Key) -> bool {
        let seen = match key {
            Key::Action => &mut self.action,
            Key::Payload => &mut self.payload,
            Key::Reference => &mut self.reference,
            Key::Other => return true,
        };
        !std::mem::replace(seen, true)
    }
}

/// The key of the action: the type's own, else that of the form.
pub(crate) fn action_key<'a, M: Message>(form: Form<'a>) -> &'a str {
    M::ACTION_KEY.unwrap_or(&form.wire.action_key)
}

/// The key of the payload: the type's own, else that of the form.
pub(crate) fn payload_key<'a, M: Message>(form: Form<'a>) -> &'a str {
    M::PAYLOAD_KEY.unwrap_or(&form.wire.payload_key)
}

/// Reads a key without keeping its text.
pub(crate) struct KeySeed<'a, M>(Form<'a>, PhantomData<M>);

impl<'a, M> KeySeed<'a, M> {
    pub(crate) fn new(form: Form<'a>) -> Self {
        Self(form, PhantomData)
    }
}

impl<'de, M: Message> DeserializeSeed<'de> for KeySeed<'_, M> {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<M: Message> Visitor<'_> for KeySeed<'_, M> {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Key, E> {
        Ok(match key {
            key if key == action_key::<M>(self.0) => Key::Action,
            key if key == payload_key::<M>(self.0) => Key::Payload,
            REFERENCE => Key::Reference,
            _ => Key::Other,
        })
    }
}
