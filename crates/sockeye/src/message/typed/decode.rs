//! Decoding a typed message: one pass when its action comes first, never a tree in between.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor};

use crate::message::typed::ReadMessage;
use crate::message::typed::absent::Absent;
use crate::message::{DecodeError, Envelope, Form, Payload};

/// Reads a message in this form, and notes what came around it.
///
/// # Errors
/// [`DecodeError`] when it is no message of this type.
pub fn decode<M: ReadMessage>(
    payload: Payload<'_>,
    form: Form<'_>,
    envelope: &mut Envelope,
) -> Result<M, DecodeError> {
    let text = match payload {
        Payload::Text(text) => text,
        Payload::Binary(bytes) => str::from_utf8(bytes).map_err(DecodeError::other)?,
    };
    let mut known = None;
    // Twice when the payload came before the action: the second time the action is known.
    loop {
        let mut reader = serde_json::Deserializer::from_str(text);
        let whole = Whole {
            form,
            known,
            envelope,
            message: PhantomData::<M>,
        };
        let parsed = whole
            .deserialize(&mut reader)
            .and_then(|parsed| reader.end().map(|()| parsed));
        match parsed.map_err(DecodeError::Json)? {
            Parsed::Message(message) => return Ok(message),
            Parsed::ActionAfterPayload(action) => known = Some(action),
        }
    }
}

enum Parsed<M> {
    Message(M),
    ActionAfterPayload(usize),
}

struct Whole<'a, 'w, M> {
    form: Form<'w>,
    known: Option<usize>,
    envelope: &'a mut Envelope,
    message: PhantomData<M>,
}

impl<'de, M: ReadMessage> DeserializeSeed<'de> for Whole<'_, '_, M> {
    type Value = Parsed<M>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Parsed<M>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, M: ReadMessage> Visitor<'de> for Whole<'_, '_, M> {
    type Value = Parsed<M>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with an action")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parsed<M>, A::Error> {
        let (mut action, mut message, mut skipped) = (self.known, None, false);
        let mut named = false;
        while let Some(key) = map.next_key_seed(KeySeed::<M>(self.form, PhantomData))? {
            match key {
                Key::Action if named => return Err(A::Error::custom("duplicate action")),
                Key::Action => {
                    action = Some(map.next_value_seed(ActionSeed::<M>(PhantomData))?);
                    named = true;
                }
                Key::Payload if message.is_some() || skipped => {
                    return Err(A::Error::custom("duplicate payload"));
                }
                Key::Payload => match action {
                    Some(action) => {
                        message = Some(map.next_value_seed(PayloadSeed(action, PhantomData))?);
                    }
                    None => {
                        map.next_value::<IgnoredAny>()?;
                        skipped = true;
                    }
                },
                Key::Reference => self.envelope.reference = map.next_value()?,
                Key::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let Some(action) = action else {
            return Err(A::Error::custom("no action"));
        };
        self.envelope.action = M::ACTIONS.get(action).copied();
        match message {
            Some(message) => Ok(Parsed::Message(message)),
            None if skipped => Ok(Parsed::ActionAfterPayload(action)),
            None => M::read_payload(action, Absent(PhantomData)).map(Parsed::Message),
        }
    }
}

enum Key {
    Action,
    Payload,
    Reference,
    Other,
}

struct KeySeed<'w, M>(Form<'w>, PhantomData<M>);

impl<'de, M: ReadMessage> DeserializeSeed<'de> for KeySeed<'_, M> {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<M: ReadMessage> Visitor<'_> for KeySeed<'_, M> {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Key, E> {
        let wire = self.0.wire;
        Ok(match key {
            key if key == M::ACTION_KEY.unwrap_or(&wire.action_key) => Key::Action,
            key if key == M::PAYLOAD_KEY.unwrap_or(&wire.payload_key) => Key::Payload,
            "ref" => Key::Reference,
            _ => Key::Other,
        })
    }
}

struct ActionSeed<M>(PhantomData<M>);

impl<'de, M: ReadMessage> DeserializeSeed<'de> for ActionSeed<M> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<M: ReadMessage> Visitor<'_> for ActionSeed<M> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of an action")
    }

    fn visit_str<E: Error>(self, action: &str) -> Result<usize, E> {
        let known = M::ACTIONS.iter().position(|known| *known == action);
        known.ok_or_else(|| E::unknown_variant(action, M::ACTIONS))
    }
}

struct PayloadSeed<M>(usize, PhantomData<M>);

impl<'de, M: ReadMessage> DeserializeSeed<'de> for PayloadSeed<M> {
    type Value = M;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<M, D::Error> {
        M::read_payload(self.0, deserializer)
    }
}
