//! The inventory: products and orders as live models, and a page on which everybody sees what everybody changes.

#![forbid(unsafe_code)]

pub mod order;
pub mod product;

use axum::response::Html;
use axum::routing::get;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, Schema};
use sockeye::{Fault, FaultKind, Faults, Place, Router};
use sockeye_live::{Live, Models};

const PAGE: &str = include_str!("page.html");

/// The models, whose tables must be there. Everybody may do everything: nobody signs in here.
#[must_use]
pub fn models(database: &DatabaseConnection) -> Models {
    Models::new(database)
        .model::<product::Entity>(|products| products.validate(check).max_page_size(200))
        .model::<order::Entity>(|orders| orders.max_page_size(200))
}

/// What started models serve, and the page at `/`.
#[must_use]
pub fn routes(live: &Live) -> Router<DatabaseConnection> {
    live.routes().http("/", get(|| async { Html(PAGE) }))
}

/// Makes the tables, unless they are there.
///
/// # Errors
/// When the database fails.
pub async fn make_tables(database: &DatabaseConnection) -> Result<(), DbErr> {
    make_table(database, product::Entity).await?;
    make_table(database, order::Entity).await
}

async fn make_table<E: EntityTrait>(database: &DatabaseConnection, entity: E) -> Result<(), DbErr> {
    let schema = Schema::new(database.get_database_backend());
    let mut table = schema.create_table_from_entity(entity);
    database.execute(table.if_not_exists()).await.map(drop)
}

fn check(product: &product::Model) -> Result<(), Faults> {
    if product.price < 0 {
        let text = "a price is not below zero";
        let fault = Fault::new(FaultKind::ValueError, [Place::key("price")], text);
        return Err(fault.into());
    }
    Ok(())
}
