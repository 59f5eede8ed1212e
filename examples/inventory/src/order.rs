//! Order: what customers want.

use sea_orm::entity::prelude::*;

/// A row of `orders`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "orders")]
pub struct Model {
    /// Counted by the database.
    #[sea_orm(primary_key)]
    pub id: i32,
    /// Who wants it.
    pub customer: String,
    /// What it is.
    pub product: String,
    /// How many.
    pub amount: i32,
    /// Whether it is on its way.
    pub sent: bool,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
