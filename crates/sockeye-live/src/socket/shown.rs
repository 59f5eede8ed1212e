//! Shown: the rows of a snapshot as frames show them, page by page.

use serde_json::json;

use crate::table::Table;

/// Rows of one frame at most, and their bytes, one row beyond that: a client shows the first while the rest is on its way.
const ROWS: usize = 100;
const BYTES: usize = 32 * 1024;

/// The rows of a snapshot.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    /// What is between the brackets of each frame's data.
    pages: Vec<String>,
    rows_of_last: usize,
    bytes: usize,
}

impl Shown {
    /// Adds a row, as JSON.
    pub(crate) fn push(&mut self, row: &str) {
        self.bytes += row.len() + 1;
        match self.pages.last_mut() {
            Some(page) if self.rows_of_last < ROWS && page.len() < BYTES => {
                page.push(',');
                page.push_str(row);
                self.rows_of_last += 1;
            }
            _ => {
                self.pages.push(row.to_owned());
                self.rows_of_last = 1;
            }
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The frames: `{"event":"rows","resource":"products","data":[..],"last":false}`. The last one, which there always is,
    /// has the position: who has it has all rows.
    pub(crate) fn frames(&self, table: &Table, position: i64) -> impl Iterator<Item = String> {
        let resource = json!(table.name());
        let last = self.pages.len().max(1) - 1;
        (0..=last).map(move |index| {
            let data = self.pages.get(index).map_or("", String::as_str);
            let end = match index == last {
                true => format!(r#""position":{position},"last":true"#),
                false => r#""last":false"#.to_owned(),
            };
            format!(r#"{{"event":"rows","resource":{resource},"data":[{data}],{end}}}"#)
        })
    }
}
