//! Row: the values of one row, in the order of its table's columns.

mod columns;
mod key;

use std::sync::Arc;

use sea_orm::{EntityTrait, Iterable, ModelTrait, Value};
use serde_json::{Map, Value as Json};

pub(crate) use columns::Columns;
pub(crate) use key::Key;

use crate::error::{Error, ErrorKind, Result};
use crate::table::{Column, Table};

/// The values of one row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row(Arc<[Value]>);

impl Row {
    /// The values of a model.
    pub(crate) fn of_model<E: EntityTrait>(model: &E::Model) -> Self {
        Self(E::Column::iter().map(|column| model.get(column)).collect())
    }

    /// The value of the column at a position of the table.
    pub(crate) fn get(&self, at: usize) -> &Value {
        &self.0[at]
    }

    /// An object with the visible columns.
    pub(crate) fn to_json(&self, table: &Table, visible: &Columns) -> Json {
        let fields = table.columns().iter().zip(self.0.iter()).enumerate();
        fields
            .filter(|(at, _)| visible.has(*at))
            .map(|(_, (column, value))| (column.name().to_owned(), column.kind().to_json(value)))
            .collect::<Map<_, _>>()
            .into()
    }

    /// The image for the log: an object of JSON with every value as its text, or null.
    pub(crate) fn to_text_form(&self, table: &Table) -> String {
        let fields = table.columns().iter().zip(self.0.iter());
        let image: Map<_, _> = fields
            .map(|(column, value)| {
                let text = column.kind().to_text(value);
                (
                    column.name().to_owned(),
                    text.map_or(Json::Null, Json::String),
                )
            })
            .collect();
        Json::from(image).to_string()
    }

    /// Reads an image of the log. Columns that the table does not have are passed over.
    pub(crate) fn from_text_form(table: &Table, text: &str) -> Result<Self> {
        let unreadable = |why: &str| {
            let name = table.name();
            Error::new(
                ErrorKind::Database,
                format!("cannot read the image of a row of {name:?} in the log of changes: {why}"),
            )
        };
        let image: Map<String, Json> =
            serde_json::from_str(text).map_err(|error| unreadable(&error.to_string()))?;
        let read = |column: &Column| match image.get(column.name()) {
            Some(Json::String(text)) => column
                .kind()
                .read_text(text)
                .map_err(|why| unreadable(&format!("column {:?}: {why}", column.name()))),
            Some(Json::Null) => Ok(column.kind().null()),
            _ => Err(unreadable(&format!(
                "column {:?} has no text",
                column.name()
            ))),
        };
        table
            .columns()
            .iter()
            .map(|column| read(column))
            .collect::<Result<_>>()
            .map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::tests::{composite, sample};

    fn model() -> sample::Model {
        sample::Model {
            id: i64::MAX,
            small: -3,
            flag: None,
            ratio: Some(0.1),
            name: Some("\"a\\b\" 100%".to_owned()),
            size: sample::Size::Large,
            data: Some(vec![0, 255]),
            more: Some(serde_json::json!({"a": [1, null]})),
        }
    }

    #[test]
    fn a_row_is_the_same_after_the_log() {
        let table = Table::of::<sample::Entity>().unwrap();
        let row = Row::of_model::<sample::Entity>(&model());
        let text = row.to_text_form(&table);
        assert_eq!(Row::from_text_form(&table, &text).unwrap(), row);
        let image: Map<String, Json> = serde_json::from_str(&text).unwrap();
        assert!(
            image
                .values()
                .all(|value| value.is_string() || value.is_null())
        );
        assert_eq!(image["data"], "\\x00ff");
        let error = Row::from_text_form(&table, r#"{"id":"x"}"#).unwrap_err();
        assert!(
            error.to_string().contains("column \"id\": found \"x\""),
            "{error}"
        );
    }

    #[test]
    fn json_shows_the_visible_columns() {
        let table = Table::of::<sample::Entity>().unwrap();
        let row = Row::of_model::<sample::Entity>(&model());
        let visible = Columns::all(&table).without(4).without(7);
        let shown = serde_json::json!({
            "id": i64::MAX, "small": -3, "flag": null, "ratio": 0.1, "dimension": "large", "data": "AP8="
        });
        assert_eq!(row.to_json(&table, &visible), shown);
        let key = serde_json::json!({"id": i64::MAX});
        assert_eq!(row.to_json(&table, &Columns::key(&table)), key);
    }

    #[test]
    fn a_key_reads_what_it_prints() {
        let table = Table::of::<composite::Entity>().unwrap();
        let row = Row::of_model::<composite::Entity>(&composite::Model {
            number: -7,
            note: String::new(),
            region: "eu, west/%".to_owned(),
        });
        let key = row.key(&table);
        assert_eq!(key.to_string(), "-7,eu%2C%20west%2F%25");
        assert_eq!(Key::parse(&table, &key.to_string()).unwrap(), key);
        for wrong in [
            "",
            "7",
            "x,eu",
            "7,eu,3",
            "7,%ff",
            "7,%00",
            "99999999999,eu",
        ] {
            assert_eq!(
                Key::parse(&table, wrong).unwrap_err().kind(),
                ErrorKind::NotFound,
                "{wrong}"
            );
        }
    }
}
