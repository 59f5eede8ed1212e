//! Path parameters as a serde data format.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use crate::handshake::params::{Pairs, ParamError, Params};

impl de::Error for ParamError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Refused {
            reason: message.to_string(),
        }
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Shape {
            reason: format!("the type asks for `{field}`, which the route does not have"),
        }
    }

    fn unknown_field(field: &str, _expected: &'static [&'static str]) -> Self {
        Self::Shape {
            reason: format!("the route has `{field}`, which the type does not take"),
        }
    }
}

/// All parameters of a path: a map by name, a sequence by position, or the single value.
pub(super) struct ParamsDeserializer<'a> {
    params: &'a Params,
}

impl<'a> ParamsDeserializer<'a> {
    pub(super) fn new(params: &'a Params) -> Self {
        Self { params }
    }

    fn pairs(&self) -> Rest<'a> {
        Rest {
            pairs: self.params.pairs(),
            value: None,
        }
    }

    fn only(&self) -> Result<Value<'a>, ParamError> {
        match self.params.only() {
            Some((name, text)) => Ok(Value { name, text }),
            None => Err(self.miscounted("one value")),
        }
    }

    fn miscounted(&self, wanted: impl fmt::Display) -> ParamError {
        let (count, names) = (self.params.len(), self.params.names());
        ParamError::Shape {
            reason: format!("the type takes {wanted}, the route has {count} ({names})"),
        }
    }
}

/// Hands methods that read one value to the only parameter.
macro_rules! read_the_only_value {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParamError> {
            let value = self.only()?;
            value.$method(visitor).map_err(|error| value.blamed(error))
        }
    )*};
}

impl<'de> Deserializer<'de> for ParamsDeserializer<'_> {
    type Error = ParamError;

    read_the_only_value! {
        deserialize_bool deserialize_char deserialize_str deserialize_string deserialize_identifier
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64 deserialize_bytes deserialize_byte_buf
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParamError> {
        visitor.visit_map(self.pairs())
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, ParamError> {
        if len != self.params.len() {
            return Err(self.miscounted(format_args!("{len} values")));
        }
        visitor.visit_seq(self.pairs())
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, ParamError> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParamError> {
        visitor.visit_seq(self.pairs())
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ParamError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ParamError> {
        let value = self.only()?;
        value
            .deserialize_enum(name, variants, visitor)
            .map_err(|error| value.blamed(error))
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParamError> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ParamError> {
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParamError> {
        visitor.visit_some(self)
    }

    forward_to_deserialize_any! { map struct ignored_any }
}

/// The parameters that are left to read.
struct Rest<'a> {
    pairs: Pairs<'a>,
    value: Option<Value<'a>>,
}

impl<'de> MapAccess<'de> for Rest<'_> {
    type Error = ParamError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ParamError> {
        let Some((name, text)) = self.pairs.next() else {
            return Ok(None);
        };
        self.value = Some(Value { name, text });
        let name: StrDeserializer<'_, ParamError> = name.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<S::Value, ParamError> {
        let value = self
            .value
            .take()
            .ok_or_else(|| de::Error::custom("a value before its name"))?;
        seed.deserialize(value).map_err(|error| value.blamed(error))
    }
}

impl<'de> SeqAccess<'de> for Rest<'_> {
    type Error = ParamError;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, ParamError> {
        let Some((name, text)) = self.pairs.next() else {
            return Ok(None);
        };
        let value = Value { name, text };
        seed.deserialize(value)
            .map(Some)
            .map_err(|error| value.blamed(error))
    }
}

/// One parameter.
#[derive(Clone, Copy)]
struct Value<'a> {
    name: &'a str,
    text: &'a str,
}

impl Value<'_> {
    /// Names this parameter in an error that its type has raised.
    fn blamed(&self, error: ParamError) -> ParamError {
        match error {
            ParamError::Refused { reason } => ParamError::invalid(self.name, self.text, &reason),
            named => named,
        }
    }
}

/// Reads the text by `FromStr`.
macro_rules! read_from_text {
    ($($method:ident => $visit:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParamError> {
            match self.text.parse() {
                Ok(value) => visitor.$visit(value),
                Err(reason) => Err(ParamError::invalid(self.name, self.text, &reason)),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Value<'_> {
    type Error = ParamError;

    read_from_text! {
        deserialize_bool => visit_bool
        deserialize_char => visit_char
        deserialize_i8 => visit_i8
        deserialize_i16 => visit_i16
        deserialize_i32 => visit_i32
        deserialize_i64 => visit_i64
        deserialize_i128 => visit_i128
        deserialize_u8 => visit_u8
        deserialize_u16 => visit_u16
        deserialize_u32 => visit_u32
        deserialize_u64 => visit_u64
        deserialize_u128 => visit_u128
        deserialize_f32 => visit_f32
        deserialize_f64 => visit_f64
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParamError> {
        visitor.visit_str(self.text)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParamError> {
        visitor.visit_bytes(self.text.as_bytes())
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParamError> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParamError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ParamError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ParamError> {
        let variant: StrDeserializer<'_, ParamError> = self.text.into_deserializer();
        visitor.visit_enum(variant)
    }

    forward_to_deserialize_any! {
        str string identifier unit unit_struct seq tuple tuple_struct map struct ignored_any
    }
}
