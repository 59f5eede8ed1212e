//! The order of values: the one that the conditions and sorted lists of the databases have.

use std::cmp::Ordering;

use sea_orm::Value;

use crate::table::Kind;
use crate::value::{float_of, integer_of, text_of};

impl Kind {
    /// How two values of this kind compare; not at all where one is null, or the kind has no order (JSON).
    ///
    /// Texts are compared by their bytes, moments by what they mean, and NaN is equal to itself and larger
    /// than all other numbers, as in PostgreSQL.
    pub(crate) fn compare(&self, left: &Value, right: &Value) -> Option<Ordering> {
        match self {
            Self::Bool => match (left, right) {
                (Value::Bool(Some(left)), Value::Bool(Some(right))) => Some(left.cmp(right)),
                _ => None,
            },
            Self::Integer(_) => Some(integer_of(left)?.cmp(&integer_of(right)?)),
            Self::Float(_) => Some(compare_floats(float_of(left)?, float_of(right)?)),
            Self::Text | Self::Enum(_) => Some(text_of(left)?.cmp(text_of(right)?)),
            Self::Bytes => match (left, right) {
                (Value::Bytes(Some(left)), Value::Bytes(Some(right))) => Some(left.cmp(right)),
                _ => None,
            },
            Self::Json => None,
            #[cfg(feature = "uuid")]
            Self::Uuid => match (left, right) {
                (Value::Uuid(Some(left)), Value::Uuid(Some(right))) => Some(left.cmp(right)),
                _ => None,
            },
            #[cfg(feature = "decimal")]
            Self::Decimal => match (left, right) {
                (Value::Decimal(Some(left)), Value::Decimal(Some(right))) => Some(left.cmp(right)),
                _ => None,
            },
            #[cfg(feature = "chrono")]
            Self::Date | Self::Time | Self::DateTime => match (left, right) {
                (Value::ChronoDate(Some(left)), Value::ChronoDate(Some(right))) => {
                    Some(left.cmp(right))
                }
                (Value::ChronoTime(Some(left)), Value::ChronoTime(Some(right))) => {
                    Some(left.cmp(right))
                }
                (Value::ChronoDateTime(Some(left)), Value::ChronoDateTime(Some(right))) => {
                    Some(left.cmp(right))
                }
                _ => None,
            },
            #[cfg(feature = "chrono")]
            Self::Moment(_) => Some(
                crate::value::clock::moment_of(left)?.cmp(&crate::value::clock::moment_of(right)?),
            ),
        }
    }
}

fn compare_floats(left: f64, right: f64) -> Ordering {
    left.partial_cmp(&right)
        .unwrap_or_else(|| left.is_nan().cmp(&right.is_nan()))
}
