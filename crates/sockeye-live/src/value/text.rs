//! Values as text: in the log of changes, in queries and in paths. PostgreSQL prints the same forms.

use sea_orm::Value;

use crate::table::{Float, Kind};
use crate::value::{float_of, integer_of, is_null, text_of};

#[cfg(feature = "decimal")]
use sea_orm::prelude::Decimal;
#[cfg(feature = "uuid")]
use sea_orm::prelude::Uuid;

impl Kind {
    /// A value from its text; otherwise says what was expected. Every text is a value here, null has none.
    pub(crate) fn read_text(&self, text: &str) -> Result<Value, String> {
        let read = match self {
            Self::Bool => text.parse().ok().map(|truth| Value::Bool(Some(truth))),
            Self::Integer(integer) => text.parse().ok().and_then(|number| integer.value(number)),
            Self::Float(float) => float.read(text),
            Self::Text if text.contains('\0') => {
                return Err("found the character NUL, which no database keeps".to_owned());
            }
            Self::Text => Some(Value::String(Some(text.to_owned()))),
            Self::Enum(enumeration) => enumeration.value(text),
            Self::Bytes => read_hex(text).map(|bytes| Value::Bytes(Some(bytes))),
            Self::Json => serde_json::from_str(text)
                .ok()
                .map(|json| Value::Json(Some(json))),
            #[cfg(feature = "uuid")]
            Self::Uuid => Uuid::parse_str(text)
                .ok()
                .map(|uuid| Value::Uuid(Some(uuid))),
            #[cfg(feature = "decimal")]
            Self::Decimal => text
                .parse()
                .or_else(|_| Decimal::from_scientific(text))
                .ok()
                .map(|number| Value::Decimal(Some(number))),
            #[cfg(feature = "chrono")]
            Self::Date | Self::Time | Self::DateTime | Self::Moment(_) => self.read_clock(text),
        };
        read.ok_or_else(|| self.refuse(text))
    }

    /// The text of a value, which [`read_text`](Self::read_text) understands; none for null.
    pub(crate) fn to_text(&self, value: &Value) -> Option<String> {
        if is_null(value) {
            return None;
        }
        Some(match value {
            Value::Bool(Some(truth)) => truth.to_string(),
            Value::Bytes(Some(bytes)) => write_hex(bytes),
            Value::Json(Some(json)) => json.to_string(),
            #[cfg(feature = "uuid")]
            Value::Uuid(Some(uuid)) => uuid.to_string(),
            #[cfg(feature = "decimal")]
            Value::Decimal(Some(number)) => number.to_string(),
            #[cfg(feature = "chrono")]
            Value::ChronoDate(_)
            | Value::ChronoTime(_)
            | Value::ChronoDateTime(_)
            | Value::ChronoDateTimeUtc(_)
            | Value::ChronoDateTimeLocal(_)
            | Value::ChronoDateTimeWithTimeZone(_) => crate::value::clock::write(value)?,
            Value::Float(Some(number)) => number_text(number.to_string()),
            _ => match (integer_of(value), float_of(value), text_of(value)) {
                (Some(number), ..) => number.to_string(),
                (_, Some(number), _) => number_text(number.to_string()),
                (.., text) => text?.to_owned(),
            },
        })
    }

    fn refuse(&self, text: &str) -> String {
        /// Characters that are repeated to the sender.
        const SHOWN: usize = 40;
        let expected = match self {
            Self::Bytes => "bytes in hexadecimal such as \\x00ff".to_owned(),
            kind => kind.to_string(),
        };
        if text.chars().nth(SHOWN).is_none() {
            format!("found {text:?}, expected {expected}")
        } else {
            format!("found another text, expected {expected}")
        }
    }
}

impl Float {
    /// Read at its own size: by way of a larger one it would be rounded twice.
    fn read(self, text: &str) -> Option<Value> {
        let number = text.parse::<f64>().ok()?;
        match (self, self.value(number)?) {
            (Self::Single, _) => Some(Value::Float(text.parse().ok())),
            (Self::Double, value) => Some(value),
        }
    }
}

/// The names of PostgreSQL for what is no finite number.
fn number_text(text: String) -> String {
    match text.as_str() {
        "inf" => "Infinity".to_owned(),
        "-inf" => "-Infinity".to_owned(),
        _ => text,
    }
}

fn write_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    "\\x"
        .chars()
        .chain(digits.map(|digit| char::from(DIGITS[usize::from(digit)])))
        .collect()
}

fn read_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("\\x")?.as_bytes();
    let (pairs, []) = digits.as_chunks::<2>() else {
        return None;
    };
    let digit = |digit: u8| char::from(digit).to_digit(16);
    pairs
        .iter()
        .map(|&[high, low]| u8::try_from(digit(high)? << 4 | digit(low)?).ok())
        .collect()
}
