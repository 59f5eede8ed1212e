//! Table: what is known of a model's table, made once from its SeaORM entity.

mod column;
mod kind;

use std::fmt;
use std::sync::Arc;

use sea_orm::{EntityTrait, IdenStatic, Iterable, PrimaryKeyToColumn};

pub(crate) use column::Column;
#[cfg(feature = "chrono")]
pub(crate) use kind::Zone;
pub(crate) use kind::{Enumeration, Float, Integer, Kind};

use crate::error::{Error, ErrorKind, Result};

/// The columns of a model's table in the order of the entity, and which of them are its key.
pub struct Table {
    name: String,
    columns: Vec<Arc<Column>>,
    key: Vec<usize>,
}

impl Table {
    /// Looks at an entity.
    ///
    /// Fails with [`ErrorKind::Configuration`] when there is no primary key, or a column has a type that
    /// has no form in JSON here.
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
    #[must_use]
    pub fn name(&self) -> &str {
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

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An entity with one column of every kind that needs no feature.
    pub(crate) mod sample {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
        #[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "size")]
        pub(crate) enum Size {
            #[sea_orm(string_value = "small")]
            Small,
            #[sea_orm(string_value = "large")]
            Large,
        }

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = "samples")]
        pub(crate) struct Model {
            #[sea_orm(primary_key)]
            pub(crate) id: i64,
            pub(crate) small: i16,
            pub(crate) flag: Option<bool>,
            pub(crate) ratio: Option<f64>,
            #[sea_orm(column_type = "String(StringLen::N(5))", nullable)]
            pub(crate) name: Option<String>,
            #[sea_orm(column_name = "dimension", default_value = "small")]
            pub(crate) size: Size,
            pub(crate) data: Option<Vec<u8>>,
            pub(crate) more: Option<Json>,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub(crate) enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub(crate) mod composite {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "composites")]
        pub(crate) struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub(crate) number: i32,
            pub(crate) note: String,
            #[sea_orm(primary_key, auto_increment = false)]
            pub(crate) region: String,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub(crate) enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }

    mod strange {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "strangers")]
        pub(crate) struct Model {
            #[sea_orm(primary_key)]
            pub(crate) id: i32,
            pub(crate) letter: Letter,
        }

        #[derive(Clone, Debug, PartialEq, Eq, DeriveValueType)]
        pub(crate) struct Letter(pub(crate) String);

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub(crate) enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }

    #[test]
    fn an_entity_says_what_its_columns_are() {
        let table = Table::of::<sample::Entity>().unwrap();
        assert_eq!(table.name(), "samples");
        assert_eq!(table.key(), [0]);
        let column = |name| table.column(table.position(name).unwrap());
        assert_eq!(column("id").kind(), &Kind::Integer(Integer::I64));
        assert!(column("id").is_generated() && column("id").is_key());
        assert_eq!(column("small").kind(), &Kind::Integer(Integer::I16));
        assert!(!column("small").is_nullable() && !column("small").is_generated());
        assert_eq!(column("ratio").kind(), &Kind::Float(Float::Double));
        assert!(column("ratio").is_nullable());
        assert_eq!(column("name").max_chars(), Some(5));
        assert_eq!(column("dimension").variants().unwrap(), ["small", "large"]);
        assert!(column("dimension").is_generated());
        assert_eq!(column("data").kind(), &Kind::Bytes);
        assert_eq!(column("more").kind(), &Kind::Json);
        assert_eq!(table.position("size"), None);
    }

    #[test]
    fn a_key_may_have_parts() {
        let table = Table::of::<composite::Entity>().unwrap();
        assert_eq!(table.key(), [0, 2]);
        assert!(!table.column(0).is_generated());
    }

    #[test]
    fn a_type_around_a_text_is_a_text() {
        let table = Table::of::<strange::Entity>().unwrap();
        assert_eq!(table.column(1).kind(), &Kind::Text);
    }
}
