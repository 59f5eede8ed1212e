//! Head: what a message has around its payload, read for the sake of an answer when something is wrong with it.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::message::Form;
use crate::message::typed::Message;
use crate::message::typed::key::{Key, KeySeed, Seen};

/// Everything but what the payload says; of a key that is there twice, the first.
#[derive(Default)]
pub(crate) struct Head {
    pub(crate) action: Option<Scalar>,
    pub(crate) payload: bool,
    pub(crate) reference: Option<Scalar>,
    pub(crate) twice: Option<Key>,
}

/// A value where a text belongs.
pub(crate) enum Scalar {
    Text(String),
    Null,
    Other,
}

/// Reads the head of a message whose keys are those of `M` in this form.
pub(crate) struct HeadSeed<'a, M>(Form<'a>, PhantomData<M>);

impl<'a, M> HeadSeed<'a, M> {
    pub(crate) fn new(form: Form<'a>) -> Self {
        Self(form, PhantomData)
    }
}

impl<'de, M: Message> DeserializeSeed<'de> for HeadSeed<'_, M> {
    type Value = Head;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Head, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, M: Message> Visitor<'de> for HeadSeed<'_, M> {
    type Value = Head;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with an action")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Head, A::Error> {
        let mut head = Head::default();
        let mut seen = Seen::default();
        while let Some(key) = map.next_key_seed(KeySeed::<M>::new(self.0))? {
            if !seen.first(key) {
                head.twice = head.twice.or(Some(key));
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            match key {
                Key::Action => head.action = Some(map.next_value()?),
                Key::Reference => head.reference = Some(map.next_value()?),
                Key::Payload => {
                    head.payload = true;
                    map.next_value::<IgnoredAny>()?;
                }
                Key::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(head)
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(text.to_owned()))
    }

    fn visit_unit<E: Error>(self) -> Result<Scalar, E> {
        Ok(Scalar::Null)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Scalar, E> {
        Ok(Scalar::Other)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Scalar, E> {
        Ok(Scalar::Other)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Scalar, E> {
        Ok(Scalar::Other)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Scalar, E> {
        Ok(Scalar::Other)
    }

    fn visit_bytes<E: Error>(self, _: &[u8]) -> Result<Scalar, E> {
        Ok(Scalar::Other)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Scalar, D::Error> {
        IgnoredAny::deserialize(inner).map(|_| Scalar::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Scalar, A::Error> {
        IgnoredAny.visit_seq(seq).map(|_| Scalar::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Scalar, A::Error> {
        IgnoredAny.visit_map(map).map(|_| Scalar::Other)
    }
}
