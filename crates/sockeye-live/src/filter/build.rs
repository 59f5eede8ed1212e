//! Building filters in code.

use std::ops::{BitAnd, BitOr, Not};

use sea_orm::{ColumnTrait, Value};

use crate::filter::{Filter, Node, Operator, Test};

/// A column that is about to be compared: made by [`column()`].
#[derive(Clone, Debug)]
#[must_use = "a column is no filter until it is compared"]
pub struct Compared {
    table: String,
    column: &'static str,
}

/// Begins a [`Filter`] with a column of an entity: `column(product::Column::Price).lt(10)`.
///
/// A value has to be one that the column can hold, which is checked when the filter is first used: any integer and any
/// float for a number, a text for all but integers, floats, `bool` and bytes, and the field's own type for every column.
///
/// ```
/// use sockeye_live::column;
///
/// mod product {
///     use sea_orm::entity::prelude::*;
///
///     #[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
///     #[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "size")]
///     pub enum Size {
///         #[sea_orm(string_value = "small")]
///         Small,
///         #[sea_orm(string_value = "large")]
///         Large,
///     }
///
///     #[sea_orm::model]
///     #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
///     #[sea_orm(table_name = "products")]
///     pub struct Model {
///         #[sea_orm(primary_key)]
///         pub id: i64,
///         pub stock: i32,
///         pub size: Size,
///         pub owner: Option<String>,
///     }
///
///     impl ActiveModelBehavior for ActiveModel {}
/// }
///
/// let small = column(product::Column::Size).eq(product::Size::Small);
/// let few = column(product::Column::Stock).is_in([1, 2, 3]);
/// let mine = column(product::Column::Owner).eq(Some("ann"));
/// let anybodys = column(product::Column::Owner).is_not_null();
/// // A typed column of SeaORM holds the plain one.
/// let none_left = column(product::COLUMN.stock.0).eq(0);
/// # let _ = (small, few, mine, anybodys, none_left);
/// ```
pub fn column<C: ColumnTrait>(column: C) -> Compared {
    Compared {
        table: column.entity_name().to_string(),
        column: column.as_str(),
    }
}

impl Compared {
    /// Rows with this value; with `None`, rows without any.
    pub fn eq(self, value: impl Into<Value>) -> Filter {
        self.one(Operator::Eq, value)
    }

    /// Rows with another value than this; with `None`, rows with any.
    ///
    /// As in SQL, a row without a value is not one with another value.
    pub fn ne(self, value: impl Into<Value>) -> Filter {
        self.one(Operator::Ne, value)
    }

    /// Rows with a smaller value.
    pub fn lt(self, value: impl Into<Value>) -> Filter {
        self.one(Operator::Lt, value)
    }

    /// Rows with this or a smaller value.
    pub fn lte(self, value: impl Into<Value>) -> Filter {
        self.one(Operator::Lte, value)
    }

    /// Rows with a larger value.
    pub fn gt(self, value: impl Into<Value>) -> Filter {
        self.one(Operator::Gt, value)
    }

    /// Rows with this or a larger value.
    pub fn gte(self, value: impl Into<Value>) -> Filter {
        self.one(Operator::Gte, value)
    }

    /// Rows with one of these values; none for an empty list. Null is no member of a list.
    pub fn is_in<V: Into<Value>>(self, values: impl IntoIterator<Item = V>) -> Filter {
        self.many(Operator::In, values)
    }

    /// Rows with another value than all of these; every row for an empty list.
    pub fn is_not_in<V: Into<Value>>(self, values: impl IntoIterator<Item = V>) -> Filter {
        self.many(Operator::NotIn, values)
    }

    /// Rows with a text that has this one somewhere in it.
    pub fn contains(self, text: impl Into<String>) -> Filter {
        self.one(Operator::Contains, text.into())
    }

    /// Rows with a text that begins with this one.
    pub fn starts_with(self, text: impl Into<String>) -> Filter {
        self.one(Operator::StartsWith, text.into())
    }

    /// Rows without a value.
    pub fn is_null(self) -> Filter {
        self.one(Operator::Eq, None::<bool>)
    }

    /// Rows with any value.
    pub fn is_not_null(self) -> Filter {
        self.one(Operator::Ne, None::<bool>)
    }

    fn one(self, operator: Operator, value: impl Into<Value>) -> Filter {
        self.many(operator, [value])
    }

    fn many<V: Into<Value>>(
        self,
        operator: Operator,
        values: impl IntoIterator<Item = V>,
    ) -> Filter {
        Filter(Node::Test(Test {
            table: self.table,
            column: self.column,
            operator,
            values: values.into_iter().map(Into::into).collect(),
        }))
    }
}

/// Rows that both filters match.
impl BitAnd for Filter {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(Node::All(vec![self.0, other.0]))
    }
}

/// Rows that one of the filters matches, or both.
impl BitOr for Filter {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(Node::Any(vec![self.0, other.0]))
    }
}

/// Rows for which the filter is false. As in SQL, those for which it is neither true nor false are not among them.
impl Not for Filter {
    type Output = Self;

    fn not(self) -> Self {
        Self(Node::Not(Box::new(self.0)))
    }
}
