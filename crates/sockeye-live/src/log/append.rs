//! Writing into the log, under its lock.

use std::time::{SystemTime, UNIX_EPOCH};

use sea_orm::sea_query::{Expr, Func, Query};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions,
};

use crate::log::{CHANGES, LOG, NewChange};

/// The advisory lock of PostgreSQL that is held from the first id of a transaction to its commit.
pub(crate) const LOCK: i64 = i64::from_be_bytes(*b"sockeye\0");

/// Where PostgreSQL tells that something was committed.
pub(crate) const CHANNEL: &str = "sockeye_changes";

/// Rows of one statement: five values each, and databases take 32766 values at least.
const ROWS: usize = 500;

/// How transactions that will write are begun: SQLite lets the second writer wait at its beginning, where it can.
pub(crate) fn options() -> TransactionOptions {
    TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    }
}

/// Has the trigger for other programs' writes look away: who writes with this transaction tells of its changes itself.
pub(crate) async fn tell_trigger(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    if transaction.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let sql = "SELECT set_config('sockeye.writer', 'on', true)";
    transaction.execute_unprepared(sql).await.map(drop)
}

/// Writes changes; the next thing that this transaction does is its commit, which others wait for. Gives the position of
/// the last one, where the database says it.
pub(crate) async fn append(
    transaction: &DatabaseTransaction,
    changes: &[NewChange],
) -> Result<Option<i64>, DbErr> {
    lock(transaction).await?;
    let mut last = None;
    for some in changes.chunks(ROWS) {
        last = Some(transaction.execute(&insert(some)).await?);
    }
    match transaction.get_database_backend() {
        DbBackend::Postgres => notify(transaction).await,
        DbBackend::Sqlite => Ok(last.and_then(|done| i64::try_from(done.last_insert_id()).ok())),
        // MySQL says the first one of many.
        _ => Ok(None),
    }
}

/// Has PostgreSQL tell where the log ends now, after the commit.
async fn notify(transaction: &DatabaseTransaction) -> Result<Option<i64>, DbErr> {
    let last = Query::select()
        .expr_as(Func::max(Expr::col("id")), "last")
        .from(CHANGES)
        .take();
    let told = Query::select()
        .column("last")
        .expr(Expr::cust_with_values(
            "pg_notify($1, last::text)",
            [CHANNEL],
        ))
        .from_subquery(last, "log")
        .take();
    let told = transaction.query_one(&told).await?;
    told.map_or(Ok(None), |told| told.try_get_by_index(0))
}

fn insert(changes: &[NewChange]) -> sea_orm::sea_query::InsertStatement {
    let at = milliseconds();
    let mut insert = Query::insert();
    insert
        .into_table(CHANGES)
        .columns(["resource", "change", "before_row", "after_row", "at"]);
    for change in changes {
        insert.values_panic([
            change.resource.as_ref().into(),
            change.change.into(),
            change.before.clone().into(),
            change.after.clone().into(),
            at.into(),
        ]);
    }
    insert
}

/// Waits until no other transaction holds ids that it has not committed.
async fn lock(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    match transaction.get_database_backend() {
        DbBackend::Postgres => advisory(transaction).await,
        DbBackend::MySql => {
            let row = Query::select()
                .column("id")
                .from(LOG)
                .lock_exclusive()
                .take();
            transaction.query_one(&row).await.map(drop)
        }
        // The transaction is the only one that writes.
        _ => Ok(()),
    }
}

/// Waits until nobody else makes the tables, where two cannot at once.
pub(crate) async fn lock_schema(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    match transaction.get_database_backend() {
        DbBackend::Postgres => advisory(transaction).await,
        _ => Ok(()),
    }
}

async fn advisory(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    let sql = "SELECT pg_advisory_xact_lock($1)";
    let lock = Statement::from_sql_and_values(DbBackend::Postgres, sql, [LOCK.into()]);
    transaction.execute_raw(lock).await.map(drop)
}

/// Milliseconds since 1970.
pub(crate) fn milliseconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}
