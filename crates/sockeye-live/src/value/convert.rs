//! Values of a program, made into the kind of the column that they are compared with.

use sea_orm::Value;

use crate::table::Kind;
use crate::value::{float_of, integer_of, is_null, text_of};

impl Kind {
    /// The same value as this kind has it: `10` is also a decimal. Otherwise says what was expected.
    pub(crate) fn convert(&self, value: &Value) -> Result<Value, String> {
        if is_null(value) {
            return Ok(self.null());
        }
        let converted = match self {
            Self::Integer(integer) => integer_of(value)
                .and_then(|number| number.try_into().ok())
                .and_then(|number| integer.value(number)),
            Self::Float(float) => float_of(value)
                .or_else(|| integer_of(value).map(|number| number as f64))
                .and_then(|number| float.value(number)),
            #[cfg(feature = "decimal")]
            Self::Decimal => match (integer_of(value), float_of(value)) {
                (Some(number), _) => self.read_text(&number.to_string()).ok(),
                (_, Some(number)) => self.read_text(&number.to_string()).ok(),
                _ => self.same_or_text(value),
            },
            Self::Text | Self::Enum(_) => match (text_of(value), value) {
                (Some(text), _) => return self.read_text(text),
                (_, Value::Char(Some(letter))) => return self.read_text(&letter.to_string()),
                _ => None,
            },
            #[cfg(feature = "uuid")]
            Self::Uuid => self.same_or_text(value),
            #[cfg(feature = "chrono")]
            Self::Moment(zone) => match crate::value::clock::moment_of(value) {
                Some(moment) => crate::value::clock::moment(*zone, moment),
                None => self.same_or_text(value),
            },
            // By way of its text, which has microseconds as the databases do.
            #[cfg(feature = "chrono")]
            Self::Time | Self::DateTime | Self::Date => self
                .same_or_text(value)
                .and_then(|value| self.to_text(&value))
                .and_then(|text| self.read_text(&text).ok()),
            _ => self.same(value),
        };
        converted.ok_or_else(|| format!("found {value:?}, expected {self}"))
    }

    /// The same in the one form that equal values share, where it is a finite number if it is one: for comparing.
    pub(crate) fn comparable(&self, value: &Value) -> Result<Value, String> {
        let value = self.convert(value)?;
        if float_of(&value).is_some_and(|number| !number.is_finite()) {
            return Err(format!("found {value:?}, expected {self} that is finite"));
        }
        Ok(match value {
            // Adding zero makes the negative zero a positive one.
            Value::Float(Some(number)) => Value::Float(Some(number + 0.0)),
            Value::Double(Some(number)) => Value::Double(Some(number + 0.0)),
            #[cfg(feature = "decimal")]
            Value::Decimal(Some(number)) => Value::Decimal(Some(number.normalize())),
            #[cfg(feature = "chrono")]
            Value::ChronoDateTimeWithTimeZone(Some(moment)) => {
                Value::ChronoDateTimeWithTimeZone(Some(moment.to_utc().fixed_offset()))
            }
            value => value,
        })
    }

    /// The value itself, where it is of this kind.
    fn same(&self, value: &Value) -> Option<Value> {
        (value.as_null() == self.null()).then(|| value.clone())
    }

    /// The value itself, or the one that a text stands for.
    #[cfg(any(feature = "chrono", feature = "decimal", feature = "uuid"))]
    fn same_or_text(&self, value: &Value) -> Option<Value> {
        match text_of(value) {
            Some(text) => self.read_text(text).ok(),
            None => self.same(value),
        }
    }
}
