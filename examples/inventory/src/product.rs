//! Product: what the inventory has.

use sea_orm::entity::prelude::*;

/// A row of `products`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "products")]
pub struct Model {
    /// Counted by the database.
    #[sea_orm(primary_key)]
    pub id: i32,
    /// What it is called.
    pub name: String,
    /// In cents.
    pub price: i32,
    /// How many there are.
    pub stock: i32,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
