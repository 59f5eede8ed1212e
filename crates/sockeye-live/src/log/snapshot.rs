//! Snapshot: a transaction that only reads, and reads everything as of one moment.

use sea_orm::{
    AccessMode, DatabaseConnection, DatabaseTransaction, DbBackend, IsolationLevel,
    TransactionOptions, TransactionTrait,
};

use crate::error::{Error, Result};

/// Begins to read at one moment, which is that of the first statement.
///
/// # Errors
/// When the database is out of reach.
pub(crate) async fn read_transaction(database: &DatabaseConnection) -> Result<DatabaseTransaction> {
    let options = match database.get_database_backend() {
        // A transaction of SQLite is that by itself.
        DbBackend::Sqlite => TransactionOptions::default(),
        _ => TransactionOptions {
            isolation_level: Some(IsolationLevel::RepeatableRead),
            access_mode: Some(AccessMode::ReadOnly),
            ..TransactionOptions::default()
        },
    };
    let begun = database.begin_with_options(options).await;
    begun.map_err(|source| Error::database("begin to read", source))
}

/// Ends a transaction that has only read, and gives its connection back at once.
///
/// # Errors
/// When the connection is lost; what was read is right nevertheless.
pub(crate) async fn end(transaction: DatabaseTransaction) -> Result<()> {
    let ended = transaction.commit().await;
    ended.map_err(|source| Error::database("end reading", source))
}
