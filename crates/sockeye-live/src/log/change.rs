//! Change: what happened to a row, as the log keeps it and as it is read back.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::error::{Error, ErrorKind, Result};
use crate::row::Row;
use crate::table::Table;

const CREATED: &str = "created";
const UPDATED: &str = "updated";
const DELETED: &str = "deleted";
const RIGHTS: &str = "rights";
/// Written by the trigger of PostgreSQL alone: all rows of a table are gone, and nobody knows which they were.
const RESET: &str = "reset";

/// A change that is about to be written into the log.
#[derive(Clone, Debug)]
pub(crate) struct NewChange {
    pub(crate) resource: Arc<str>,
    pub(crate) change: &'static str,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

/// A change as it is in the log: a row is the text of a JSON object of texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RawChange {
    pub(crate) position: i64,
    /// The table; empty where rights have changed, which are not of one table.
    pub(crate) resource: String,
    pub(crate) change: String,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

/// A change of a row of a known table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Change {
    pub(crate) position: i64,
    pub(crate) kind: ChangeKind,
}

/// What happened to a row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ChangeKind {
    Created { after: Row },
    Updated { before: Row, after: Row },
    Deleted { before: Row },
}

impl NewChange {
    pub(crate) fn created(table: &Table, after: &Row) -> Self {
        Self::of(table, CREATED, None, Some(after))
    }

    pub(crate) fn updated(table: &Table, before: &Row, after: &Row) -> Self {
        Self::of(table, UPDATED, Some(before), Some(after))
    }

    pub(crate) fn deleted(table: &Table, before: &Row) -> Self {
        Self::of(table, DELETED, Some(before), None)
    }

    /// What a user may see is to be found out anew.
    pub(crate) fn rights(user: &str) -> Self {
        Self {
            resource: "".into(),
            change: RIGHTS,
            before: None,
            after: Some(json!({"user": user}).to_string()),
        }
    }

    fn of(table: &Table, change: &'static str, before: Option<&Row>, after: Option<&Row>) -> Self {
        let text = |row: &Row| row.to_text_form(table);
        Self {
            resource: table.name().into(),
            change,
            before: before.map(text),
            after: after.map(text),
        }
    }
}

impl RawChange {
    /// How long its texts are, for whoever keeps it.
    pub(crate) fn bytes(&self) -> usize {
        let long = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        self.resource.len() + self.change.len() + long(&self.before) + long(&self.after)
    }

    /// Whose rights have changed; none where a row has.
    ///
    /// # Errors
    /// When the log holds something else than was ever written into it.
    pub(crate) fn user(&self) -> Result<Option<String>> {
        if self.change != RIGHTS {
            return Ok(None);
        }
        let named: Option<Value> = self
            .after
            .as_deref()
            .and_then(|text| serde_json::from_str(text).ok());
        let user = named.as_ref().and_then(|named| named.get("user")?.as_str());
        let user = user.ok_or_else(|| self.unreadable("it names no user"))?;
        Ok(Some(user.to_owned()))
    }

    /// Whether the table is another one from here on, without images of its rows.
    pub(crate) fn is_reset(&self) -> bool {
        self.change == RESET
    }

    /// The change of a row of `table`.
    ///
    /// # Errors
    /// When the log holds what is no row of the table, as it does of times when the table was another one.
    pub(crate) fn decode(&self, table: &Table) -> Result<Change> {
        let kind = match self.change.as_str() {
            CREATED => ChangeKind::Created {
                after: self.row(table, self.after.as_deref())?,
            },
            UPDATED => ChangeKind::Updated {
                before: self.row(table, self.before.as_deref())?,
                after: self.row(table, self.after.as_deref())?,
            },
            DELETED => ChangeKind::Deleted {
                before: self.row(table, self.before.as_deref())?,
            },
            _ => return Err(self.unreadable("that is no change of a row")),
        };
        Ok(Change {
            position: self.position,
            kind,
        })
    }

    fn row(&self, table: &Table, text: Option<&str>) -> Result<Row> {
        let text = text.ok_or_else(|| self.unreadable("a row is missing"))?;
        Row::from_text_form(table, text).map_err(|error| self.unreadable(&error.to_string()))
    }

    fn unreadable(&self, why: &str) -> Error {
        let Self {
            position,
            resource,
            change,
            ..
        } = self;
        let text =
            format!("cannot read change {position} of the log, `{change}` in `{resource}`: {why}");
        Error::new(ErrorKind::Database, text)
    }
}
