//! Writer: values as JSON text, byte for byte what `serde_json` makes of them, and quicker where they are texts.

mod compound;
#[cfg(test)]
mod tests;
mod text;

use std::fmt::Display;

use serde::{Serialize, Serializer};

use crate::message::writer::compound::Compound;
pub(crate) use crate::message::writer::text::write_text;

/// Appends to these bytes. After an error they have a part of the value.
pub(crate) struct Writer<'a>(pub(crate) &'a mut Vec<u8>);

impl<'a> Writer<'a> {
    /// An object with one key, whose value comes next.
    fn variant(self, name: &str) -> &'a mut Vec<u8> {
        self.0.push(b'{');
        write_text(name, self.0);
        self.0.push(b':');
        self.0
    }
}

/// What needs no care of ours.
macro_rules! as_serde_json {
    ($($method:ident($value:ty))*) => {$(
        fn $method(self, value: $value) -> serde_json::Result<()> {
            serde_json::Serializer::new(self.0).$method(value)
        }
    )*};
}

impl<'a> Serializer for Writer<'a> {
    type Ok = ();
    type Error = serde_json::Error;
    type SerializeSeq = Compound<'a>;
    type SerializeTuple = Compound<'a>;
    type SerializeTupleStruct = Compound<'a>;
    type SerializeTupleVariant = Compound<'a>;
    type SerializeMap = Compound<'a>;
    type SerializeStruct = Compound<'a>;
    type SerializeStructVariant = Compound<'a>;

    as_serde_json! {
        serialize_bool(bool)
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64) serialize_i128(i128)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_u128(u128)
        serialize_f32(f32) serialize_f64(f64)
        serialize_char(char) serialize_bytes(&[u8])
    }

    fn serialize_str(self, text: &str) -> serde_json::Result<()> {
        write_text(text, self.0);
        Ok(())
    }

    fn collect_str<T: ?Sized + Display>(self, value: &T) -> serde_json::Result<()> {
        serde_json::Serializer::new(self.0).collect_str(value)
    }

    fn serialize_none(self) -> serde_json::Result<()> {
        self.serialize_unit()
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> serde_json::Result<()> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> serde_json::Result<()> {
        self.0.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> serde_json::Result<()> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> serde_json::Result<()> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        value: &T,
    ) -> serde_json::Result<()> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> serde_json::Result<()> {
        let out = self.variant(variant);
        value.serialize(Writer(out))?;
        out.push(b'}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> serde_json::Result<Compound<'a>> {
        Ok(Compound::new(self.0, b'[', "]"))
    }

    fn serialize_tuple(self, _: usize) -> serde_json::Result<Compound<'a>> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> serde_json::Result<Compound<'a>> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> serde_json::Result<Compound<'a>> {
        Ok(Compound::new(self.variant(variant), b'[', "]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> serde_json::Result<Compound<'a>> {
        Ok(Compound::new(self.0, b'{', "}"))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> serde_json::Result<Compound<'a>> {
        Ok(Compound::of_struct(self.0, name))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> serde_json::Result<Compound<'a>> {
        Ok(Compound::new(self.variant(variant), b'{', "}}"))
    }
}
