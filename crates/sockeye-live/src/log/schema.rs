//! The tables of the log.

use std::fmt::Write;

use sea_orm::sea_query::{ColumnDef, OnConflict, Query, Table};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, TransactionTrait};

use crate::log::append::{lock_schema, options};
use crate::log::{CHANGES, LOG};

/// Makes what is missing. Several nodes may do so at once: two that make the same table in PostgreSQL would disturb each
/// other, so they wait for each other there.
pub(crate) async fn install(database: &DatabaseConnection) -> Result<(), DbErr> {
    let transaction = database.begin_with_options(options()).await?;
    lock_schema(&transaction).await?;
    let backend = transaction.get_database_backend();
    transaction.execute(&changes(backend)).await?;
    transaction.execute(&log()).await?;
    let row = Query::insert()
        .into_table(LOG)
        .columns(["id", "epoch", "trimmed"])
        .values_panic([1.into(), epoch()?.into(), 0_i64.into()])
        .on_conflict(OnConflict::column("id").do_nothing_on(["id"]).to_owned())
        .take();
    transaction.execute(&row).await?;
    transaction.commit().await
}

fn changes(backend: DbBackend) -> sea_orm::sea_query::TableCreateStatement {
    let image = |name: &'static str| {
        let mut column = ColumnDef::new(name);
        // TEXT of MySQL ends at 64 KiB.
        match backend {
            DbBackend::MySql => column.custom("longtext"),
            _ => column.text(),
        };
        column
    };
    // AUTOINCREMENT of SQLite, so that no id comes twice when the last rows are trimmed.
    Table::create()
        .table(CHANGES)
        .if_not_exists()
        .col(
            ColumnDef::new("id")
                .big_integer()
                .not_null()
                .auto_increment()
                .primary_key(),
        )
        .col(ColumnDef::new("resource").text().not_null())
        .col(ColumnDef::new("change").text().not_null())
        .col(image("before_row"))
        .col(image("after_row"))
        .col(ColumnDef::new("at").big_integer().not_null())
        .take()
}

fn log() -> sea_orm::sea_query::TableCreateStatement {
    Table::create()
        .table(LOG)
        .if_not_exists()
        .col(ColumnDef::new("id").integer().not_null().primary_key())
        .col(ColumnDef::new("epoch").text().not_null())
        .col(ColumnDef::new("trimmed").big_integer().not_null())
        .take()
}

/// The name of a new log, that no other has.
fn epoch() -> Result<String, DbErr> {
    let mut random = [0_u8; 8];
    getrandom::fill(&mut random)
        .map_err(|error| DbErr::Custom(format!("no random numbers: {error}")))?;
    Ok(random.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}
