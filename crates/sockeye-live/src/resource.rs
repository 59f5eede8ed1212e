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
use crate::row::Columns;
use crate::snapshots::{BYTES_MAX, Snapshots};
use crate::socket::Shown;
use crate::store::Store;
use crate::table::Table;
use crate::view::Scope;
use crate::writer::Writer;

/// Rows of a snapshot that are read by one query: few until it is known how long they are, then as many as make a mebibyte.
const PAGE_ROWS_MIN: u64 = 50;
const PAGE_ROWS_MAX: u64 = 500;
const PAGE_BYTES: u64 = 1 << 20;

/// Changes of the log that are read by one query, and those after which it is cheaper to begin anew than to resume.
const PAGE_CHANGES: u64 = 100;
const CHANGES_MAX: u64 = 5_000;

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

    /// All rows of a scope, as frames show them.
    ///
    /// # Errors
    /// `TooLarge` when there is more than a snapshot may have.
    pub(crate) async fn snapshot(
        &self,
        transaction: &DatabaseTransaction,
        scope: &Scope,
    ) -> Result<Shown> {
        let mut shown = Shown::default();
        let (mut rows, mut page) = (0, PAGE_ROWS_MIN);
        loop {
            let found = self
                .store
                .snapshot(transaction, &scope.rows, page, rows)
                .await?;
            rows += found.len() as u64;
            for row in &found {
                shown.push(&row.to_json(&self.table, &scope.columns).to_string());
            }
            if rows > self.snapshots.rows() || shown.bytes() > BYTES_MAX {
                return Err(self.too_large());
            }
            if (found.len() as u64) < page {
                return Ok(shown);
            }
            let bytes_of_row = (shown.bytes() as u64 / rows).max(1);
            page = (PAGE_BYTES / bytes_of_row).clamp(1, PAGE_ROWS_MAX);
        }
    }

    fn too_large(&self) -> Error {
        let (rows, mebibytes) = (self.snapshots.rows(), BYTES_MAX >> 20);
        let text = format!(
            "cannot give the rows: there are more than {rows}, or {mebibytes} MiB of them; narrow the filter, or subscribe without rows and page through them by REST"
        );
        Error::new(ErrorKind::TooLarge, text)
    }

    /// What happened to it after a position, from what the feed remembers or else from the log, with its bytes; `None` when
    /// that is too much, or not known any more.
    pub(crate) async fn changes_after(
        &self,
        transaction: &DatabaseTransaction,
        since: i64,
    ) -> Result<Option<(Vec<(i64, Entry)>, usize)>> {
        if let Some(entries) = self.stream.hold().await.after(since, usize::MAX) {
            // The ring's own, which are shared.
            return Ok(Some((entries, 0)));
        }
        let (mut entries, mut bytes, mut read, mut from) = (Vec::new(), 0, 0, since);
        loop {
            let batch = Log::read(transaction, from, PAGE_CHANGES).await?;
            for change in &batch.changes {
                (from, read, bytes) = (change.position, read + 1, bytes + change.bytes());
                let entry = self.entry(change)?;
                entries.extend(entry.map(|entry| (change.position, entry)));
            }
            if batch.trimmed > since || read > CHANGES_MAX || bytes > BYTES_MAX {
                return Ok(None);
            }
            if (batch.changes.len() as u64) < PAGE_CHANGES {
                return Ok(Some((entries, bytes)));
            }
        }
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
