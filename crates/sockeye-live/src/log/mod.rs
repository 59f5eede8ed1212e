//! The log: every change of every live model, in the order of the commits.
//!
//! A change is written in the transaction of the row that it is about, under a lock that is held until the commit. So ids
//! grow in the order of commits: whoever has read up to an id finds everything that came later behind it.

mod append;
mod change;
mod schema;
mod snapshot;
#[cfg(test)]
mod tests;
mod trim;
mod wake;

use std::sync::Arc;

use sea_orm::sea_query::{Expr, ExprTrait, Func, JoinType, Order, Query};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, QueryResult};

use crate::error::{Error, Result};

#[cfg(feature = "postgres")]
pub(crate) use append::{CHANNEL, LOCK};
pub(crate) use append::{append, options, tell_trigger};
pub(crate) use change::{Change, ChangeKind, NewChange, RawChange};
pub(crate) use snapshot::{end, read_transaction};
pub(crate) use wake::{Listener, Wake};

/// The table of changes.
pub(crate) const CHANGES: &str = "sockeye_changes";

/// The table with one row that tells of the log as a whole.
pub(crate) const LOG: &str = "sockeye_log";

/// The log of a database.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    database: DatabaseConnection,
}

/// What the log is at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    /// Names the log: another one in the same place is no continuation.
    pub(crate) epoch: Arc<str>,
    /// The changes up to this id are deleted.
    pub(crate) trimmed: i64,
    /// The id of the last change; what `trimmed` says where there is none.
    pub(crate) last: i64,
}

/// Changes behind a position, read together with what they are to be judged by.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) epoch: Arc<str>,
    /// Beyond the position that was asked for, something is missing between that and the first change.
    pub(crate) trimmed: i64,
    pub(crate) changes: Vec<RawChange>,
}

impl Log {
    pub(crate) fn new(database: &DatabaseConnection) -> Self {
        Self {
            database: database.clone(),
        }
    }

    /// Makes the tables unless they are there.
    pub(crate) async fn install(&self) -> Result<()> {
        let made = schema::install(&self.database).await;
        made.map_err(|source| Error::database("make the tables of the log of changes", source))
    }

    /// Up to `limit` changes behind `position`, oldest first.
    ///
    /// One statement, so that no change is deleted unnoticed between the changes and `trimmed`.
    pub(crate) async fn read_after(&self, position: i64, limit: u64) -> Result<Batch> {
        Self::read(&self.database, position, limit).await
    }

    /// The same as a transaction sees it.
    pub(crate) async fn read<C: ConnectionTrait>(
        reader: &C,
        position: i64,
        limit: u64,
    ) -> Result<Batch> {
        let behind = Query::select()
            .columns(["id", "resource", "change", "before_row", "after_row"])
            .from(CHANGES)
            .and_where(Expr::col("id").gt(position))
            .order_by("id", Order::Asc)
            .limit(limit)
            .take();
        let columns = ["id", "resource", "change", "before_row", "after_row"];
        let query = Query::select()
            .columns([(LOG, "epoch"), (LOG, "trimmed")])
            .columns(columns.map(|column| ("behind", column)))
            .from(LOG)
            .join_subquery(JoinType::LeftJoin, behind, "behind", Expr::cust("1 = 1"))
            .order_by(("behind", "id"), Order::Asc)
            .take();
        let failed = |source| Error::database("read the log of changes", source);
        let rows = reader.query_all(&query).await.map_err(failed)?;
        let first = rows.first().ok_or_else(missing)?;
        let (epoch, trimmed) = head(first).map_err(failed)?;
        let changes = rows.iter().filter_map(|row| change(row).transpose());
        Ok(Batch {
            epoch,
            trimmed,
            changes: changes.collect::<Result<_, _>>().map_err(failed)?,
        })
    }

    /// What the log is in the eyes of `reader`: in a transaction with a snapshot, exactly the changes up to `last` are in
    /// the rows that it sees.
    pub(crate) async fn extent<C: ConnectionTrait>(reader: &C) -> Result<Extent> {
        let last = Query::select()
            .expr(Func::max(Expr::col("id")))
            .from(CHANGES)
            .take();
        let query = Query::select()
            .columns(["epoch", "trimmed"])
            .expr(Expr::from(last))
            .from(LOG)
            .take();
        let failed = |source| Error::database("read where the log of changes ends", source);
        let row = reader.query_one(&query).await.map_err(failed)?;
        let row = row.ok_or_else(missing)?;
        let (epoch, trimmed) = head(&row).map_err(failed)?;
        let last: Option<i64> = row.try_get_by_index(2).map_err(failed)?;
        Ok(Extent {
            epoch,
            trimmed,
            last: last.unwrap_or(trimmed),
        })
    }
}

fn head(row: &QueryResult) -> Result<(Arc<str>, i64), DbErr> {
    let epoch: String = row.try_get_by_index(0)?;
    Ok((epoch.into(), row.try_get_by_index(1)?))
}

/// None in the one row of a batch without changes.
fn change(row: &QueryResult) -> Result<Option<RawChange>, DbErr> {
    let Some(position) = row.try_get_by_index(2)? else {
        return Ok(None);
    };
    Ok(Some(RawChange {
        position,
        resource: row.try_get_by_index(3)?,
        change: row.try_get_by_index(4)?,
        before: row.try_get_by_index(5)?,
        after: row.try_get_by_index(6)?,
    }))
}

fn missing() -> Error {
    let text =
        format!("the table `{LOG}` is empty: somebody has deleted its row; start the program anew");
    Error::new(crate::error::ErrorKind::Database, text)
}
