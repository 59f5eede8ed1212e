//! Product: something that is sold, whose price the load generator changes.

use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, Schema, Set};

/// Products that there are, with the ids from 1 on.
const ROWS: i32 = 1000;

/// Departments that they are spread over, in turn.
const DEPARTMENTS: i32 = 20;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "products")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: i32,
    pub(crate) name: String,
    pub(crate) price: i32,
    pub(crate) department: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Makes the table, and the products in it.
pub(crate) async fn fill(database: &DatabaseConnection) -> Result<(), DbErr> {
    let schema = Schema::new(database.get_database_backend());
    let table = schema.create_table_from_entity(Entity);
    database.execute(&table).await?;
    let products = (1..=ROWS).map(|id| ActiveModel {
        id: Set(id),
        name: Set(format!("product {id}")),
        price: Set(0),
        department: Set(id % DEPARTMENTS),
    });
    Entity::insert_many(products).exec(database).await?;
    Ok(())
}
