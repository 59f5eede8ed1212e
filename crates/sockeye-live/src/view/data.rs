//! Encoded: the data of one change as JSON, made once for all views that show the same columns.

use std::sync::Arc;

use serde_json::value::{RawValue, to_raw_value};

use crate::row::{Columns, Row};
use crate::table::Table;

/// What was encoded of one change. Views that show the same columns share it.
#[derive(Debug, Default)]
pub(crate) struct Encoded {
    rows: Vec<(Columns, Arc<RawValue>)>,
    key: Option<(Row, Arc<RawValue>)>,
}

impl Encoded {
    /// The visible columns of the row after the change.
    pub(crate) fn row(&mut self, table: &Table, row: &Row, columns: &Columns) -> Arc<RawValue> {
        let known = self.rows.iter().find(|(known, _)| known == columns);
        if let Some((_, data)) = known {
            return Arc::clone(data);
        }
        let data = encode(table, row, columns);
        self.rows.push((columns.clone(), Arc::clone(&data)));
        data
    }

    /// The key columns of the row before it.
    pub(crate) fn key(&mut self, table: &Table, row: &Row) -> Arc<RawValue> {
        if let Some((known, data)) = &self.key
            && known == row
        {
            return Arc::clone(data);
        }
        let data = encode(table, row, &Columns::key(table));
        self.key = Some((row.clone(), Arc::clone(&data)));
        data
    }
}

fn encode(table: &Table, row: &Row, columns: &Columns) -> Arc<RawValue> {
    let data = to_raw_value(&row.to_json(table, columns));
    // Fails for nothing that a row is made of.
    data.map_or_else(|_| Arc::from(RawValue::NULL.to_owned()), Arc::from)
}
