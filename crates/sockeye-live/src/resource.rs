//! Resource: one model as it is served, by REST and by its socket.

use std::fmt;
use std::sync::Arc;

use sea_orm::{DatabaseConnection, DatabaseTransaction};
use serde_json::{Map, Value};
use sockeye::Handshake;

use crate::error::{Error, ErrorKind, Result};
use crate::feed::{Entry, Place, Stream, entry};
use crate::filter::{Bound, Filter};
use crate::limits::Limits;
use crate::log::{self, Log};
use crate::rights::{Authentication, Guard};
use crate::row::{Columns, Row};
use crate::snapshots::Snapshots;
use crate::store::Store;
use crate::table::Table;
use crate::writer::Writer;

/// One model: what is known of it, what may be done with it, and where its changes come by.
pub(crate) struct Resource {
    pub(crate) table: Arc<Table>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) guard: Arc<dyn Guard>,
    pub(crate) stream: Arc<Stream>,
    pub(crate) place: Place,
    pub(crate) database: DatabaseConnection,
    pub(crate) authentication: Authentication,
    pub(crate) limits: Limits,
    pub(crate) snapshots: Snapshots,
}

impl Resource {
    /// The rows that a user has a right to, as of now.
    pub(crate) async fn rows_of(&self, handshake: &Handshake) -> Result<Bound> {
        let transaction = log::read_transaction(&self.database).await?;
        let rows = self.guard.rows(handshake, &transaction).await?;
        log::end(transaction).await?;
        rows.bind(&self.table)
    }

    /// A client's filter, on the columns that it may see.
    pub(crate) fn filter(&self, columns: &Columns, asked: &Map<String, Value>) -> Result<Bound> {
        let asked = Value::Object(asked.clone());
        Filter::parse_json(&self.table, columns, &asked)?.bind(&self.table)
    }

    /// All rows of a view.
    ///
    /// # Errors
    /// `TooLarge` when there are more than a snapshot may have.
    pub(crate) async fn snapshot(
        &self,
        transaction: &DatabaseTransaction,
        rows: &Bound,
    ) -> Result<Vec<Row>> {
        let most = self.snapshots.rows();
        let found = self.store.snapshot(transaction, rows, most + 1).await?;
        if found.len() as u64 > most {
            let text = format!(
                "cannot give the rows: there are more than {most}; narrow the filter, or subscribe without rows and page through them by REST"
            );
            return Err(Error::new(ErrorKind::TooLarge, text));
        }
        Ok(found)
    }

    /// What happened to it after a position, from what the feed remembers or else from the log; `None` when that is more
    /// than `most`, or not known any more.
    pub(crate) async fn changes_after(
        &self,
        since: i64,
        most: u64,
    ) -> Result<Option<Vec<(i64, Entry)>>> {
        if let Some(entries) = self.stream.hold().await.after(since, usize::MAX) {
            return Ok(Some(entries));
        }
        let batch = Log::new(&self.database).read_after(since, most).await?;
        if batch.trimmed > since || batch.changes.len() as u64 >= most {
            return Ok(None);
        }
        let entries = batch
            .changes
            .iter()
            .map(|change| Ok((change.position, self.entry(change)?)));
        let entries = entries.filter_map(|entry: Result<_>| match entry {
            Ok((position, entry)) => Some(Ok((position, entry?))),
            Err(error) => Some(Err(error)),
        });
        entries.collect::<Result<Vec<_>>>().map(Some)
    }

    fn entry(&self, change: &log::RawChange) -> Result<Option<Entry>> {
        Ok(match change.user()? {
            Some(user) => Some(Entry::Rights(user.into())),
            None => (change.resource == self.table.name()).then(|| entry(change, &self.table)),
        })
    }

    /// Begins a transaction whose changes reach all who watch.
    pub(crate) async fn writer(&self) -> Result<Writer> {
        Writer::begin_waking(&self.database, self.place.wake.clone()).await
    }
}

impl fmt::Debug for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resource")
            .field("table", &self.table)
            .finish_non_exhaustive()
    }
}
