//! Filter: which rows, with one meaning in the database and in memory.

mod bound;
mod build;
mod canonical;
mod matches;
mod parse;
#[cfg(test)]
#[cfg(all(
    feature = "sqlite",
    feature = "postgres",
    feature = "chrono",
    feature = "decimal",
    feature = "uuid"
))]
pub(crate) mod proof;
mod query;
mod sql;
#[cfg(test)]
mod tests;

use sea_orm::Value;

pub(crate) use bound::Bound;
pub use build::{Compared, column};

/// Which rows: what a subscription asks for, and what a user has a right to.
///
/// Made of [columns](fn@column) that are compared with values, and put together with `&`, `|` and `!`:
///
/// ```
/// use sockeye_live::{Filter, column};
/// # mod product {
/// #     use sea_orm::entity::prelude::*;
/// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
/// #     #[sea_orm(table_name = "products")]
/// #     pub struct Model {
/// #         #[sea_orm(primary_key)]
/// #         pub id: i64,
/// #         pub price: i64,
/// #         pub name: String,
/// #         pub owner: Option<String>,
/// #     }
/// #     #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// #     pub enum Relation {}
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// use product::Column;
///
/// let cheap: Filter = column(Column::Price).lt(10);
/// let of_ann_or_nobody = column(Column::Owner).eq("ann") | column(Column::Owner).is_null();
/// let filter = cheap & of_ann_or_nobody & !column(Column::Name).starts_with("old ");
///
/// // A right that depends on who asks: nobody sees nothing.
/// let rows = |user: Option<&str>| match user {
///     Some(name) => column(Column::Owner).eq(name),
///     None => Filter::none(),
/// };
/// # let _ = (filter, rows(None));
/// ```
///
/// It means what it means in SQL: whatever is compared with null is neither true nor false, so `ne("ann")` does not
/// match rows without an owner, nor does `!column(Column::Owner).eq("ann")`; add `| column(Column::Owner).is_null()`
/// for those. Texts are compared by their bytes on every database: case matters, and `"Z"` is before `"a"`.
/// `contains` and `starts_with` look for the text as it is and know no patterns.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a filter does nothing until it is given to a model"]
pub struct Filter(Node);

/// A filter as it was built, with values that nobody has checked.
#[derive(Clone, Debug, PartialEq)]
enum Node {
    Constant(bool),
    Test(Test),
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
}

/// One comparison of a column.
#[derive(Clone, Debug, PartialEq)]
struct Test {
    table: String,
    column: &'static str,
    operator: Operator,
    /// One, but any number for the operators of lists.
    values: Vec<Value>,
}

/// How a column is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Eq,
    Ne,
    Lt,
    Lte,
    Gt,
    Gte,
    In,
    NotIn,
    Contains,
    StartsWith,
}

impl Operator {
    const ALL: [(&'static str, Self); 10] = [
        ("eq", Self::Eq),
        ("ne", Self::Ne),
        ("lt", Self::Lt),
        ("lte", Self::Lte),
        ("gt", Self::Gt),
        ("gte", Self::Gte),
        ("in", Self::In),
        ("not_in", Self::NotIn),
        ("contains", Self::Contains),
        ("starts_with", Self::StartsWith),
    ];

    /// The operator that clients call so.
    fn named(name: &str) -> Option<Self> {
        let known = Self::ALL.iter().find(|(known, _)| *known == name)?;
        Some(known.1)
    }

    /// What clients call it.
    fn name(self) -> &'static str {
        let known = Self::ALL.iter().find(|(_, known)| *known == self);
        known.map_or("", |(name, _)| name)
    }

    /// Whether it takes a list.
    fn takes_list(self) -> bool {
        matches!(self, Self::In | Self::NotIn)
    }
}

impl Filter {
    /// Every row.
    pub fn all() -> Self {
        Self(Node::Constant(true))
    }

    /// No row at all.
    pub fn none() -> Self {
        Self(Node::Constant(false))
    }
}
