//! Compound: a list or an object that is being written.

use std::mem;

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use serde_json::Result;

use crate::message::json::ITS_OWN;
use crate::message::writer::Writer;
use crate::message::writer::text::write_name;

pub(crate) struct Compound<'a> {
    out: &'a mut Vec<u8>,
    /// What stands before the next element: an opening bracket before the first one.
    before: u8,
    end: &'static str,
    its_own: Option<&'static str>,
}

impl<'a> Compound<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>, open: u8, end: &'static str) -> Self {
        Self {
            out,
            before: open,
            end,
            its_own: None,
        }
    }

    pub(crate) fn of_struct(out: &'a mut Vec<u8>, name: &'static str) -> Self {
        Self {
            // One field, and no object around it.
            its_own: name.starts_with(ITS_OWN).then_some(name),
            ..Self::new(out, b'{', "}")
        }
    }

    fn element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<()> {
        self.out.push(mem::replace(&mut self.before, b','));
        value.serialize(Writer(self.out))
    }

    #[inline(always)]
    fn field<T: ?Sized + Serialize>(&mut self, name: &'static str, value: &T) -> Result<()> {
        self.out.push(mem::replace(&mut self.before, b','));
        write_name(name, self.out);
        self.value(value)
    }

    fn value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<()> {
        self.out.push(b':');
        value.serialize(Writer(self.out))
    }

    fn close(self) -> Result<()> {
        if self.before != b',' {
            self.out.push(self.before);
        }
        self.out.extend_from_slice(self.end.as_bytes());
        Ok(())
    }
}

impl SerializeMap for Compound<'_> {
    type Ok = ();
    type Error = serde_json::Error;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<()> {
        let start = self.out.len();
        let mut writer = serde_json::Serializer::new(&mut *self.out);
        writer.serialize_map(None)?.serialize_key(key)?;
        // In front of the key it opened a map of its own.
        self.out[start] = mem::replace(&mut self.before, b',');
        Ok(())
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<()> {
        self.value(value)
    }

    fn end(self) -> Result<()> {
        self.close()
    }
}

impl SerializeStruct for Compound<'_> {
    type Ok = ();
    type Error = serde_json::Error;

    #[inline(always)]
    fn serialize_field<T: ?Sized + Serialize>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<()> {
        let Some(its_own) = self.its_own else {
            return self.field(name, value);
        };
        let mut writer = serde_json::Serializer::new(&mut *self.out);
        let mut only = writer.serialize_struct(its_own, 1)?;
        SerializeStruct::serialize_field(&mut only, name, value)?;
        SerializeStruct::end(only)
    }

    fn end(self) -> Result<()> {
        match self.its_own {
            Some(_) => Ok(()),
            None => self.close(),
        }
    }
}

impl SerializeStructVariant for Compound<'_> {
    type Ok = ();
    type Error = serde_json::Error;

    fn serialize_field<T: ?Sized + Serialize>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<()> {
        self.field(name, value)
    }

    fn end(self) -> Result<()> {
        self.close()
    }
}

/// Lists, which serde tells apart and JSON does not.
macro_rules! list {
    ($($kind:ident $method:ident)*) => {$(
        impl $kind for Compound<'_> {
            type Ok = ();
            type Error = serde_json::Error;

            fn $method<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<()> {
                self.element(value)
            }

            fn end(self) -> Result<()> {
                self.close()
            }
        }
    )*};
}

list! {
    SerializeSeq serialize_element
    SerializeTuple serialize_element
    SerializeTupleStruct serialize_field
    SerializeTupleVariant serialize_field
}
