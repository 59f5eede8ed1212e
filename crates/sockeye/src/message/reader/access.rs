//! Access: the elements of a list, the entries of an object and the variant of an enum, one after the other.

use serde::de::{DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::{Deserialize, Deserializer, forward_to_deserialize_any};

use crate::message::json::ITS_OWN;
use crate::message::reader::{Declined, Reader, Result};

/// Between the brackets of a list or an object.
pub(super) struct Compound<'r, 'de> {
    reader: &'r mut Reader<'de>,
    is_first: bool,
}

/// A text where an object's key belongs; one that stands for a number and the like is declined.
struct Name<'r, 'de>(&'r mut Reader<'de>);

/// A variant that is only a name.
pub(super) struct UnitVariant<'r, 'de>(pub(super) &'r mut Reader<'de>);

/// The one entry of an object, which is a variant and what it holds.
pub(super) struct Variant<'r, 'de>(pub(super) &'r mut Reader<'de>);

impl<'r, 'de> Compound<'r, 'de> {
    pub(super) fn new(reader: &'r mut Reader<'de>) -> Self {
        Self {
            reader,
            is_first: true,
        }
    }
}

impl<'de> Reader<'de> {
    /// A text comes next, which is a key.
    #[inline]
    fn name(&mut self) -> Result<Name<'_, 'de>> {
        match self.next()? {
            b'"' => Ok(Name(self)),
            _ => self.decline(),
        }
    }

    /// Whether there is another element or entry before the bracket; goes beyond the comma. Inlined, so that its answer is
    /// never made.
    #[inline(always)]
    fn has_more(&mut self, is_first: &mut bool, close: u8) -> Result<bool> {
        // Nothing more comes of what was declined, so that nobody waits for the end in vain.
        if self.declined || self.next()? == close {
            return Ok(false);
        }
        if !std::mem::take(is_first) {
            self.take(b',')?;
            if self.next()? == close {
                return self.decline();
            }
        }
        Ok(true)
    }
}

impl<'de> SeqAccess<'de> for Compound<'_, 'de> {
    type Error = Declined;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        match self.reader.has_more(&mut self.is_first, b']')? {
            true => seed.deserialize(&mut *self.reader).map(Some),
            false => Ok(None),
        }
    }
}

impl<'de> MapAccess<'de> for Compound<'_, 'de> {
    type Error = Declined;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        match self.reader.has_more(&mut self.is_first, b'}')? {
            true => seed.deserialize(self.reader.name()?).map(Some),
            false => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        self.reader.take(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

/// Keys that are written as texts and are none.
macro_rules! declined {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value> {
            self.0.decline()
        }
    )*};
}

impl<'de> Deserializer<'de> for Name<'_, 'de> {
    type Error = Declined;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.0.text(visitor)
    }

    declined! {
        deserialize_bool
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64
        deserialize_bytes deserialize_byte_buf deserialize_option
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        match name.starts_with(ITS_OWN) {
            true => self.0.decline(),
            false => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        char str string unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de> EnumAccess<'de> for UnitVariant<'_, 'de> {
    type Error = Declined;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self)> {
        let value = seed.deserialize(&mut *self.0)?;
        Ok((value, self))
    }
}

impl<'de> VariantAccess<'de> for UnitVariant<'_, 'de> {
    type Error = Declined;

    fn unit_variant(self) -> Result<()> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value> {
        self.0.decline()
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value> {
        self.0.decline()
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value> {
        self.0.decline()
    }
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Declined;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self)> {
        let value = seed.deserialize(self.0.name()?)?;
        self.0.take(b':')?;
        Ok((value, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Declined;

    fn unit_variant(self) -> Result<()> {
        Deserialize::deserialize(self.0)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        self.0.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.0.deserialize_struct("", fields, visitor)
    }
}
