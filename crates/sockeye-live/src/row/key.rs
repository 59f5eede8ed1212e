//! Key: the primary key of a row, as a value and in paths.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sea_orm::Value;

use crate::error::{Error, ErrorKind, Result};
use crate::row::Row;
use crate::table::Table;

/// The primary key of one row, its parts in the order of the table's key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key(Vec<KeyPart>);

/// A part with its text, so that a key prints itself without its table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct KeyPart {
    value: Value,
    text: String,
}

impl Row {
    /// Its primary key.
    pub(crate) fn key(&self, table: &Table) -> Key {
        Key(table
            .key()
            .iter()
            .map(|&at| KeyPart::new(table, at, self.get(at).clone()))
            .collect())
    }
}

impl Key {
    /// Reads the last part of a path, still percent-encoded: `7`, or `7,eu` where the key has two parts.
    ///
    /// A part that is no value of its column is [`ErrorKind::NotFound`]: no row can have that key.
    pub(crate) fn parse(table: &Table, path: &str) -> Result<Self> {
        let missing = || {
            let name = table.name();
            Error::new(
                ErrorKind::NotFound,
                format!("no row of {name:?} has this key"),
            )
        };
        let texts: Vec<&str> = match table.key().len() {
            1 => vec![path],
            _ => path.split(',').collect(),
        };
        if texts.len() != table.key().len() {
            return Err(missing());
        }
        let parts = table.key().iter().zip(texts).map(|(&at, text)| {
            let text = percent_decode_str(text)
                .decode_utf8()
                .map_err(|_| missing())?;
            let value = table
                .column(at)
                .kind()
                .read_text(&text)
                .map_err(|_| missing())?;
            Ok(KeyPart::new(table, at, value))
        });
        parts.collect::<Result<_>>().map(Self)
    }

    /// The values, in the order of the table's key.
    pub(crate) fn values(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.0.iter().map(|part| &part.value)
    }
}

impl KeyPart {
    /// In the one form that equal values share, or their texts would differ.
    fn new(table: &Table, at: usize, value: Value) -> Self {
        let kind = table.column(at).kind();
        let value = kind.comparable(&value).unwrap_or(value);
        let text = kind.to_text(&value).unwrap_or_default();
        Self { value, text }
    }
}

/// The key as [`Key::parse`] reads it.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// What RFC 3986 leaves as it is.
        const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
            .remove(b'-')
            .remove(b'.')
            .remove(b'_')
            .remove(b'~');
        for (index, part) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{}", utf8_percent_encode(&part.text, ENCODED))?;
        }
        Ok(())
    }
}
