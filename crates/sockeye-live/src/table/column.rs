//! Column: one column of a model's table, and which values it may hold.

use std::fmt;
use std::sync::Arc;

use sea_orm::sea_query::{DynIden, IntoIden, StringLen};
use sea_orm::{
    ColumnTrait, ColumnType, EntityTrait, IdenStatic, Iterable, ModelTrait, PrimaryKeyToColumn,
    PrimaryKeyTrait, Value, sea_query::Expr,
};

use crate::error::{Error, ErrorKind, Result};
use crate::table::Kind;

/// A value on its way into SQL, with the cast that its column needs there.
type Save = Arc<dyn Fn(Expr) -> Expr + Send + Sync>;

/// What is known of a column.
#[derive(Clone)]
pub(crate) struct Column {
    name: &'static str,
    reference: (DynIden, DynIden),
    kind: Kind,
    stored: ColumnType,
    nullable: bool,
    generated: bool,
    key: bool,
    save: Save,
}

impl Column {
    /// Looks at a column of an entity.
    pub(crate) fn of<E: EntityTrait>(table: &str, column: E::Column) -> Result<Self> {
        let name = column.as_str();
        let def = column.def();
        let stored = def.get_column_type().clone();
        let found = <E::Model as ModelTrait>::get_value_type(column);
        let Some(kind) = Kind::of(&found, &stored) else {
            return Err(Error::new(
                ErrorKind::Configuration,
                format!(
                    "column {name:?} of table {table:?} is of {found:?} stored as {stored:?}, which a live model cannot show: \
                     turn on sockeye-live's feature chrono, decimal or uuid if the type is of that crate, or take another type"
                ),
            ));
        };
        let key = E::PrimaryKey::iter().any(|part| part.into_column().as_str() == name);
        if key && matches!(kind, Kind::Json | Kind::Float(_)) {
            return Err(Error::new(
                ErrorKind::Configuration,
                format!(
                    "column {name:?} of table {table:?} is {kind}, which cannot be a key of a live model"
                ),
            ));
        }
        let counted = key && E::PrimaryKey::auto_increment() && matches!(kind, Kind::Integer(_));
        Ok(Self {
            name,
            reference: {
                let (table, column) = column.as_column_ref();
                (table.into_iden(), column.into_iden())
            },
            kind,
            stored,
            nullable: def.is_null(),
            generated: counted || def.get_column_default().is_some(),
            key,
            save: Arc::new(move |value| column.save_as(value)),
        })
    }

    /// Its name in the database, in JSON and in queries.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Which values it holds.
    pub(crate) fn kind(&self) -> &Kind {
        &self.kind
    }

    /// How the database holds them.
    pub(crate) fn stored(&self) -> &ColumnType {
        &self.stored
    }

    /// Whether it may be null.
    pub(crate) fn is_nullable(&self) -> bool {
        self.nullable
    }

    /// Whether the database fills it where nothing is given: a counter or a default.
    pub(crate) fn is_generated(&self) -> bool {
        self.generated
    }

    /// Whether it belongs to the primary key.
    pub(crate) fn is_key(&self) -> bool {
        self.key
    }

    /// How many characters a text may have.
    pub(crate) fn max_chars(&self) -> Option<u32> {
        match (&self.kind, &self.stored) {
            (Kind::Text, ColumnType::String(StringLen::N(max)) | ColumnType::Char(Some(max))) => {
                Some(*max)
            }
            _ => None,
        }
    }

    /// The texts it takes, for an enum of texts that the database knows.
    pub(crate) fn variants(&self) -> Option<&[String]> {
        match &self.kind {
            Kind::Enum(enumeration) => Some(enumeration.variants()),
            _ => None,
        }
    }

    /// The column in SQL, qualified by its table.
    pub(crate) fn expr(&self) -> Expr {
        Expr::col(self.reference.clone())
    }

    /// A value of its kind in SQL, cast as the column needs it (enums of PostgreSQL).
    pub(crate) fn bound(&self, value: Value) -> Expr {
        (self.save)(Expr::val(value))
    }

    /// Whether a value of its kind fits into the column, or what was expected.
    ///
    /// Reading checks the kind; this checks what only a stored value must keep to: no null where none
    /// may be, and the length.
    pub(crate) fn check(&self, value: &Value) -> Result<(), String> {
        if value == &self.kind.null() {
            return if self.nullable {
                Ok(())
            } else {
                Err(format!("null, expected {}", self.kind))
            };
        }
        match (value, self.max_chars()) {
            (Value::String(Some(text)), Some(max)) => {
                let chars = text.chars().count();
                if chars > max as usize {
                    return Err(format!("{chars} characters, expected at most {max}"));
                }
                Ok(())
            }
            #[cfg(feature = "decimal")]
            (Value::Decimal(Some(number)), _) => self.check_digits(*number),
            _ => Ok(()),
        }
    }

    /// Whether a number is not too large; digits after the point are rounded by the database.
    #[cfg(feature = "decimal")]
    fn check_digits(&self, number: sea_orm::prelude::Decimal) -> Result<(), String> {
        let ColumnType::Decimal(Some((precision, scale))) = self.stored else {
            return Ok(());
        };
        let whole = number.round_dp(scale).trunc().abs().normalize();
        let digits = if whole.is_zero() {
            0
        } else {
            whole.to_string().len()
        };
        let max = precision.saturating_sub(scale);
        if digits > max as usize {
            return Err(format!(
                "{digits} digits before the point, expected at most {max}"
            ));
        }
        Ok(())
    }
}

impl fmt::Debug for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Column")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("nullable", &self.nullable)
            .field("generated", &self.generated)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}
