//! Table: what is known of a model's table, made once from its SeaORM entity.

mod column;
mod kind;
#[cfg(test)]
pub(crate) mod tests;

use std::fmt;
use std::sync::Arc;

use sea_orm::{EntityTrait, IdenStatic, Iterable, PrimaryKeyToColumn};

pub(crate) use column::Column;
#[cfg(feature = "chrono")]
pub(crate) use kind::Zone;
pub(crate) use kind::{Enumeration, Float, Integer, Kind};

use crate::error::{Error, ErrorKind, Result};

/// The columns of a model's table in the order of the entity, and which of them are its key.
pub(crate) struct Table {
    name: String,
    columns: Vec<Arc<Column>>,
    key: Vec<usize>,
}

impl Table {
    /// Looks at an entity.
    ///
    /// # Errors
    /// `Configuration` when there is no primary key, or a column has a type that has no form in JSON here.
    pub(crate) fn of<E: EntityTrait>() -> Result<Self> {
        let name = E::default().table_name().to_owned();
        let columns = E::Column::iter()
            .map(|column| Column::of::<E>(&name, column).map(Arc::new))
            .collect::<Result<Vec<_>>>()?;
        let key: Vec<usize> = E::PrimaryKey::iter()
            .filter_map(|part| {
                let part = part.into_column();
                columns
                    .iter()
                    .position(|column| column.name() == part.as_str())
            })
            .collect();
        if key.is_empty() {
            return Err(Error::new(
                ErrorKind::Configuration,
                format!(
                    "table {name:?} has no primary key: mark a field with #[sea_orm(primary_key)]"
                ),
            ));
        }
        Ok(Self { name, columns, key })
    }

    /// The name that the table has in the database, and the model in paths.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// All columns, in the order of the entity: the order of values in a row.
    pub(crate) fn columns(&self) -> &[Arc<Column>] {
        &self.columns
    }

    /// Where a column is, by its name in the database.
    pub(crate) fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|known| known.name() == column)
    }

    /// Which columns are the primary key, in its order. Never empty.
    pub(crate) fn key(&self) -> &[usize] {
        &self.key
    }

    /// A column by its position, which came from this table.
    pub(crate) fn column(&self, at: usize) -> &Arc<Column> {
        &self.columns[at]
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name()).collect();
        f.debug_struct("Table")
            .field("name", &self.name)
            .field("columns", &names)
            .finish_non_exhaustive()
    }
}
