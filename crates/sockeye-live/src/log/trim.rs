//! Deleting changes that nobody will ask for any more.

use std::time::Duration;

use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use sea_orm::{ConnectionTrait, DbErr, TransactionTrait};

use crate::error::{Error, Result};
use crate::log::append::{milliseconds, options};
use crate::log::{CHANGES, LOG, Log};

/// Changes of one transaction: writers of SQLite wait for it, and this many take milliseconds.
const BATCH: u64 = 1000;

impl Log {
    /// Deletes some of the changes that are older than `retention`; gives how many, none when there are none left.
    ///
    /// Several nodes may do so at once. Changes go from the oldest on, so that what is left is without gaps whatever the
    /// clocks of the nodes say.
    ///
    /// # Cancel safety
    /// Dropped at an await point it has deleted them or not.
    pub(crate) async fn trim(&self, retention: Duration) -> Result<u64> {
        let retention = i64::try_from(retention.as_millis()).unwrap_or(i64::MAX);
        let before = milliseconds().saturating_sub(retention);
        let deleted = self.trim_batch(before).await;
        deleted.map_err(|source| Error::database("trim the log of changes", source))
    }

    async fn trim_batch(&self, before: i64) -> Result<u64, DbErr> {
        let oldest = Query::select()
            .columns(["id", "at"])
            .from(CHANGES)
            .order_by("id", Order::Asc)
            .limit(BATCH)
            .take();
        let mut last = None;
        // Read outside of the transaction: mostly there is nothing to do, and nobody has to wait for that.
        for row in self.database.query_all(&oldest).await? {
            if row.try_get_by_index::<i64>(1)? >= before {
                break;
            }
            last = Some(row.try_get_by_index::<i64>(0)?);
        }
        let Some(last) = last else {
            return Ok(0);
        };
        let transaction = self.database.begin_with_options(options()).await?;
        let told = Query::update()
            .table(LOG)
            .value("trimmed", last)
            .and_where(Expr::col("trimmed").lt(last))
            .take();
        transaction.execute(&told).await?;
        let delete = Query::delete()
            .from_table(CHANGES)
            .and_where(Expr::col("id").lte(last))
            .take();
        let deleted = transaction.execute(&delete).await?.rows_affected();
        transaction.commit().await?;
        Ok(deleted)
    }
}
