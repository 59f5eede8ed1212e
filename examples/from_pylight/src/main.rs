//! The programs of Pylight's page on WebSocket handlers: models with their endpoints, the default handler, one of one's own for
//! each model by configuration, access to the database, sending, and errors that stay with their connection.

#![forbid(unsafe_code)]

mod entity;
mod handler;
#[cfg(test)]
mod tests;

use std::error::Error;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, Schema};
use serde::Deserialize;
use sockeye::{Access, AllowAny, serve};
use sockeye_live::{ModelCatalog, Models, ModelsConfig, connect};

use crate::entity::{customer, order, payment, product};
use crate::handler::{Custom, Database, Fragile};

const FILE: &str = include_str!("../models.toml");

/// What the file says.
#[derive(Deserialize)]
struct Configuration {
    models: ModelsConfig,
}

/// What the file may name.
fn catalog() -> ModelCatalog {
    ModelCatalog::new()
        .model::<product::Entity>(|products| products)
        .model::<order::Entity>(|orders| orders)
        .model::<payment::Entity>(|payments| payments)
        .model::<customer::Entity>(|customers| customers)
        .handler("custom", || Custom)
        .handler("database", || Database)
        .handler("fragile", || Fragile)
        .permission("anybody", AllowAny)
        .permission("nobody", async |_: &Access<'_, _>| Ok(false))
}

/// Fails when the file names what is not in the catalog.
fn models(database: &DatabaseConnection, file: &str) -> Result<Models, Box<dyn Error>> {
    let configuration: Configuration = toml::from_str(file)?;
    Ok(Models::new(database).configure(&configuration.models, &catalog())?)
}

async fn make_table<E: EntityTrait>(database: &DatabaseConnection, entity: E) -> Result<(), DbErr> {
    let schema = Schema::new(database.get_database_backend());
    let mut table = schema.create_table_from_entity(entity);
    database.execute(table.if_not_exists()).await.map(drop)
}

async fn make_tables(database: &DatabaseConnection) -> Result<(), DbErr> {
    make_table(database, product::Entity).await?;
    make_table(database, order::Entity).await?;
    make_table(database, payment::Entity).await?;
    make_table(database, customer::Entity).await
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let database = connect("sqlite://pylight.db?mode=rwc").await?;
    make_tables(&database).await?;
    let live = models(&database, FILE)?.start().await?;
    Ok(serve("127.0.0.1:3000", live.routes()).await?)
}
