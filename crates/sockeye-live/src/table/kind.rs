//! Kind: which values a column holds, by the Rust type of the model's field.

use std::fmt;
use std::sync::Arc;

use sea_orm::ColumnType;
use sea_orm::sea_query::ArrayType;

/// The values of a column. Reading, writing and comparing them is in [`value`](crate::value).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Bool,
    Integer(Integer),
    Float(Float),
    Text,
    Enum(Arc<Enumeration>),
    Bytes,
    Json,
    #[cfg(feature = "uuid")]
    Uuid,
    #[cfg(feature = "decimal")]
    Decimal,
    #[cfg(feature = "chrono")]
    Date,
    #[cfg(feature = "chrono")]
    Time,
    /// A date and a time of day, without a zone.
    #[cfg(feature = "chrono")]
    DateTime,
    /// A moment: a date and a time of day with a zone.
    #[cfg(feature = "chrono")]
    Moment(Zone),
}

/// A size of integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Integer {
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
}

/// A size of floating point numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Float {
    Single,
    Double,
}

/// In which zone a moment is kept in Rust; all mean the same moment.
#[cfg(feature = "chrono")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Zone {
    Utc,
    Local,
    Fixed,
}

/// An enum of texts that the database knows by name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Enumeration {
    name: String,
    variants: Vec<String>,
    typed: bool,
}

impl Kind {
    /// The kind of a Rust type that is stored as `stored`; none where it is not supported.
    pub(crate) fn of(found: &ArrayType, stored: &ColumnType) -> Option<Self> {
        // Of a list, SeaORM names the type of its items.
        if matches!(stored, ColumnType::Array(_)) {
            return None;
        }
        Some(match found {
            ArrayType::Bool => Self::Bool,
            ArrayType::TinyInt => Self::Integer(Integer::I8),
            ArrayType::SmallInt => Self::Integer(Integer::I16),
            ArrayType::Int => Self::Integer(Integer::I32),
            ArrayType::BigInt => Self::Integer(Integer::I64),
            ArrayType::TinyUnsigned => Self::Integer(Integer::U8),
            ArrayType::SmallUnsigned => Self::Integer(Integer::U16),
            ArrayType::Unsigned => Self::Integer(Integer::U32),
            ArrayType::BigUnsigned => Self::Integer(Integer::U64),
            ArrayType::Float => Self::Float(Float::Single),
            ArrayType::Double => Self::Float(Float::Double),
            ArrayType::String => match Enumeration::of(stored, false) {
                Some(enumeration) => Self::Enum(Arc::new(enumeration)),
                None => Self::Text,
            },
            ArrayType::Enum(_) => Self::Enum(Arc::new(Enumeration::of(stored, true)?)),
            ArrayType::Bytes => Self::Bytes,
            ArrayType::Json => Self::Json,
            #[cfg(feature = "uuid")]
            ArrayType::Uuid => Self::Uuid,
            #[cfg(feature = "decimal")]
            ArrayType::Decimal => Self::Decimal,
            #[cfg(feature = "chrono")]
            ArrayType::ChronoDate => Self::Date,
            #[cfg(feature = "chrono")]
            ArrayType::ChronoTime => Self::Time,
            #[cfg(feature = "chrono")]
            ArrayType::ChronoDateTime => Self::DateTime,
            #[cfg(feature = "chrono")]
            ArrayType::ChronoDateTimeUtc => Self::Moment(Zone::Utc),
            #[cfg(feature = "chrono")]
            ArrayType::ChronoDateTimeLocal => Self::Moment(Zone::Local),
            #[cfg(feature = "chrono")]
            ArrayType::ChronoDateTimeWithTimeZone => Self::Moment(Zone::Fixed),
            _ => return None,
        })
    }
}

impl Integer {
    /// The smallest and the largest value. The databases hold unsigned ones of 64 bits as signed.
    pub(crate) fn range(self) -> (i64, i64) {
        match self {
            Self::I8 => (i8::MIN.into(), i8::MAX.into()),
            Self::I16 => (i16::MIN.into(), i16::MAX.into()),
            Self::I32 => (i32::MIN.into(), i32::MAX.into()),
            Self::I64 => (i64::MIN, i64::MAX),
            Self::U8 => (0, u8::MAX.into()),
            Self::U16 => (0, u16::MAX.into()),
            Self::U32 => (0, u32::MAX.into()),
            Self::U64 => (0, i64::MAX),
        }
    }
}

impl Enumeration {
    fn of(stored: &ColumnType, typed: bool) -> Option<Self> {
        match stored {
            ColumnType::Enum { name, variants } => Some(Self {
                name: name.to_string(),
                variants: variants.iter().map(ToString::to_string).collect(),
                typed,
            }),
            _ => None,
        }
    }

    /// The name of the type in the database.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// All texts, in the order of their declaration.
    pub(crate) fn variants(&self) -> &[String] {
        &self.variants
    }

    /// Whether values are SeaORM's typed enums; otherwise they are texts.
    pub(crate) fn is_typed(&self) -> bool {
        self.typed
    }
}

/// What is expected of a value, in words for whoever sent another.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Integer(integer) => {
                let (min, max) = integer.range();
                return write!(f, "a whole number from {min} to {max}");
            }
            Self::Enum(enumeration) => {
                return write!(f, "one of {}", enumeration.variants.join(", "));
            }
            Self::Bool => "true or false",
            Self::Float(_) => "a number",
            Self::Text => "a text",
            Self::Bytes => "bytes in base64",
            Self::Json => "a JSON value",
            #[cfg(feature = "uuid")]
            Self::Uuid => "a UUID",
            #[cfg(feature = "decimal")]
            Self::Decimal => "a decimal number as a text",
            #[cfg(feature = "chrono")]
            Self::Date => "a date such as 2024-05-31",
            #[cfg(feature = "chrono")]
            Self::Time => "a time of day such as 23:59:30",
            #[cfg(feature = "chrono")]
            Self::DateTime => "a date and time without a zone such as 2024-05-31T23:59:30",
            #[cfg(feature = "chrono")]
            Self::Moment(_) => "a date and time with a zone such as 2024-05-31T23:59:30Z",
        })
    }
}
