//! Value: what a column holds, read from JSON and text, written back, and compared.

#[cfg(feature = "chrono")]
mod clock;
mod convert;
mod json;
mod order;
#[cfg(test)]
mod tests;
mod text;

#[cfg(feature = "chrono")]
pub(crate) use clock::utc_text;
use sea_orm::Value;
use sea_orm::sea_query::{Enum, OptionEnum};

#[cfg(feature = "chrono")]
use crate::table::Zone;
use crate::table::{Enumeration, Float, Integer, Kind};

impl Kind {
    /// The null of this kind.
    pub(crate) fn null(&self) -> Value {
        match self {
            Self::Bool => Value::Bool(None),
            Self::Integer(integer) => integer.null(),
            Self::Float(Float::Single) => Value::Float(None),
            Self::Float(Float::Double) => Value::Double(None),
            Self::Text => Value::String(None),
            Self::Enum(enumeration) if enumeration.is_typed() => {
                Value::Enum(OptionEnum::None(enumeration.name().into()))
            }
            Self::Enum(_) => Value::String(None),
            Self::Bytes => Value::Bytes(None),
            Self::Json => Value::Json(None),
            #[cfg(feature = "uuid")]
            Self::Uuid => Value::Uuid(None),
            #[cfg(feature = "decimal")]
            Self::Decimal => Value::Decimal(None),
            #[cfg(feature = "chrono")]
            Self::Date => Value::ChronoDate(None),
            #[cfg(feature = "chrono")]
            Self::Time => Value::ChronoTime(None),
            #[cfg(feature = "chrono")]
            Self::DateTime => Value::ChronoDateTime(None),
            #[cfg(feature = "chrono")]
            Self::Moment(Zone::Utc) => Value::ChronoDateTimeUtc(None),
            #[cfg(feature = "chrono")]
            Self::Moment(Zone::Local) => Value::ChronoDateTimeLocal(None),
            #[cfg(feature = "chrono")]
            Self::Moment(Zone::Fixed) => Value::ChronoDateTimeWithTimeZone(None),
        }
    }
}

impl Integer {
    fn null(self) -> Value {
        match self {
            Self::I8 => Value::TinyInt(None),
            Self::I16 => Value::SmallInt(None),
            Self::I32 => Value::Int(None),
            Self::I64 => Value::BigInt(None),
            Self::U8 => Value::TinyUnsigned(None),
            Self::U16 => Value::SmallUnsigned(None),
            Self::U32 => Value::Unsigned(None),
            Self::U64 => Value::BigUnsigned(None),
        }
    }

    /// The number as a value of this size, where it is in range.
    fn value(self, number: i64) -> Option<Value> {
        Some(match self {
            Self::I8 => Value::TinyInt(Some(number.try_into().ok()?)),
            Self::I16 => Value::SmallInt(Some(number.try_into().ok()?)),
            Self::I32 => Value::Int(Some(number.try_into().ok()?)),
            Self::I64 => Value::BigInt(Some(number)),
            Self::U8 => Value::TinyUnsigned(Some(number.try_into().ok()?)),
            Self::U16 => Value::SmallUnsigned(Some(number.try_into().ok()?)),
            Self::U32 => Value::Unsigned(Some(number.try_into().ok()?)),
            Self::U64 => Value::BigUnsigned(Some(number.try_into().ok()?)),
        })
    }
}

impl Float {
    /// The number as a value of this size, where it is not too large for it.
    fn value(self, number: f64) -> Option<Value> {
        match self {
            Self::Single => {
                let single = number as f32;
                let fits = single.is_finite() || !number.is_finite();
                fits.then_some(Value::Float(Some(single)))
            }
            Self::Double => Some(Value::Double(Some(number))),
        }
    }
}

impl Enumeration {
    /// The text as a value, where it is one of the variants.
    fn value(&self, text: &str) -> Option<Value> {
        if !self.variants().iter().any(|variant| variant == text) {
            return None;
        }
        Some(if self.is_typed() {
            Value::Enum(OptionEnum::Some(Box::new(Enum {
                type_name: self.name().into(),
                value: text.to_owned().into(),
            })))
        } else {
            Value::String(Some(text.to_owned()))
        })
    }
}

/// The number in a value of some integer.
fn integer_of(value: &Value) -> Option<i128> {
    Some(match value {
        Value::TinyInt(Some(number)) => (*number).into(),
        Value::SmallInt(Some(number)) => (*number).into(),
        Value::Int(Some(number)) => (*number).into(),
        Value::BigInt(Some(number)) => (*number).into(),
        Value::TinyUnsigned(Some(number)) => (*number).into(),
        Value::SmallUnsigned(Some(number)) => (*number).into(),
        Value::Unsigned(Some(number)) => (*number).into(),
        Value::BigUnsigned(Some(number)) => (*number).into(),
        _ => return None,
    })
}

/// The number in a value of some float.
fn float_of(value: &Value) -> Option<f64> {
    match value {
        Value::Float(number) => number.map(Into::into),
        Value::Double(number) => *number,
        _ => None,
    }
}

/// The text in a value of a text or an enum.
pub(crate) fn text_of(value: &Value) -> Option<&str> {
    match value {
        Value::String(Some(text)) => Some(text),
        Value::Enum(OptionEnum::Some(variant)) => Some(&variant.value),
        _ => None,
    }
}

/// Whether the value is a null of whatever kind.
pub(crate) fn is_null(value: &Value) -> bool {
    *value == value.as_null()
}
