//! Writer: changes of rows in one transaction, told to everybody after the commit.

#[cfg(test)]
mod tests;
mod write;

use std::any::TypeId;
use std::sync::Arc;

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, EntityTrait, TransactionTrait,
};
use tokio::sync::OwnedMutexGuard;

use crate::error::{Error, ErrorKind, Result};
use crate::log::{self, NewChange, Wake};
use crate::table::Table;

/// Changes of one transaction: each holds both images of its row until the commit, and every feed reads all of them.
const CHANGES: usize = 10_000;

/// Writes rows of live models: everything in one transaction, and everybody who watches hears of it after the commit.
///
/// ```no_run
/// # use sea_orm::{ActiveModelTrait, DatabaseConnection, Set, entity::prelude::*};
/// # use sockeye_live::{Result, Writer};
/// # mod product {
/// #     use sea_orm::entity::prelude::*;
/// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
/// #     #[sea_orm(table_name = "products")]
/// #     pub struct Model { #[sea_orm(primary_key)] pub id: i32, pub stock: i32 }
/// #     #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// #     pub enum Relation {}
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// # async fn job(database: DatabaseConnection) -> Result<()> {
/// let mut writer = Writer::begin(&database).await?;
/// writer.update(product::ActiveModel { id: Set(7), stock: Set(0), ..Default::default() }).await?;
/// writer.commit().await
/// # }
/// ```
///
/// The hooks of the entity's `ActiveModelBehavior` run in the transaction. Dropped before [`commit`](Self::commit), it
/// rolls back and nobody hears of anything; a program that dies after the commit loses nothing, since the changes are in the
/// database with the rows.
///
/// What else is done in [`transaction`](Self::transaction) is done with the rest but not told, nor are rows that the
/// database changes by itself, such as by `ON DELETE CASCADE`, `ON DELETE SET NULL` or a trigger: who watches those rows
/// goes on seeing them as they were. Not even the trigger for PostgreSQL tells of them, since it looks away while a writer
/// writes, as the writer tells itself. So delete or update such rows with this writer, before what they refer to.
///
/// On SQLite there is one writer at a time: the next one waits at its beginning, for five seconds among the writers of the
/// same [`Live`](crate::Live), without a connection meanwhile, and for as long as the connection's busy timeout says among
/// all others. Other databases lock the rows that are written, until the commit.
#[derive(Debug)]
pub struct Writer {
    transaction: DatabaseTransaction,
    tables: Vec<(TypeId, Arc<Table>)>,
    changes: Vec<NewChange>,
    /// A statement was refused, or has been begun and its change is not kept: a commit would be of rows that nobody is told
    /// of. PostgreSQL would answer it with a rollback and call it done.
    failed: bool,
    wake: Wake,
    /// Let go of after the transaction. None where several can write.
    _turn: Option<OwnedMutexGuard<()>>,
}

impl Writer {
    /// Begins a transaction of a program that serves nothing itself, such as a job. The tables of the log must exist, which
    /// a server makes when it starts.
    ///
    /// Feeds of servers hear of the commit at once on PostgreSQL, and else at their next poll.
    ///
    /// # Errors
    /// When the database is out of reach; [`Busy`](ErrorKind::Busy) when SQLite is for longer than the connection waits.
    ///
    /// # Cancel safety
    /// Dropped at an await point it has done nothing.
    pub async fn begin(database: &DatabaseConnection) -> Result<Self> {
        Self::begin_waking(database, Wake::default()).await
    }

    /// The same, waking feeds of this process, and in turn with its other writers.
    pub(crate) async fn begin_waking(database: &DatabaseConnection, wake: Wake) -> Result<Self> {
        // Who waits inside of SQLite has a connection meanwhile, which those who read then lack.
        let turn = match database.get_database_backend() {
            DbBackend::Sqlite => Some(wake.turn().await?),
            _ => None,
        };
        let begun = database.begin_with_options(log::options()).await;
        let transaction = begun.map_err(|source| Error::database("begin to write", source))?;
        let mut writer = Self {
            transaction,
            tables: Vec::new(),
            changes: Vec::new(),
            failed: false,
            wake,
            _turn: turn,
        };
        let told = log::tell_trigger(&writer.transaction).await;
        writer.done("begin to write", told)?;
        Ok(writer)
    }

    /// Has the views of a user made anew, by its [id](sockeye::User::user_id), once the transaction is committed: for when
    /// something has changed that its row rights are made of.
    ///
    /// Rights are then asked for again, of the user as it was authenticated at the handshake of its connection. So what a
    /// function of the user decides, as given to [`Model::rows`](crate::Model::rows), to
    /// [`Model::hide_from`](crate::Model::hide_from) or as a permission, comes out as before. Rights that change have to be
    /// read from the database, by a type that implements [`Rows`](crate::Rows) and asks there; for all others close the
    /// user's connections with [`Hub::user(id).disconnect`](sockeye::Hub::user), and it comes back as who it is now.
    ///
    /// # Errors
    /// When the transaction holds 10,000 changes already.
    pub fn recheck(&mut self, user: impl AsRef<str>) -> Result<()> {
        self.keep(NewChange::rights(user.as_ref()))
    }

    /// The transaction, for anything else that shall be done with it, or read before it is.
    #[must_use]
    pub fn transaction(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// Commits, and wakes everybody who watches.
    ///
    /// # Errors
    /// When the database refuses to, or a write of this writer was refused before or dropped before its end; then nothing is
    /// changed. When the connection is lost meanwhile, it may be committed nevertheless.
    ///
    /// # Cancel safety
    /// Dropped at an await point it has committed everything or nothing.
    pub async fn commit(mut self) -> Result<()> {
        if self.failed {
            return Err(undone("commit"));
        }
        let changes = std::mem::take(&mut self.changes);
        let committed = async {
            let last = match changes.is_empty() {
                true => None,
                false => log::append(&self.transaction, &changes).await?,
            };
            self.transaction.commit().await?;
            Ok(last)
        };
        let committed = committed.await;
        let last = committed.map_err(|source| Error::database("commit", source))?;
        match last {
            Some(last) => self.wake.at(last),
            None if changes.is_empty() => {}
            None => self.wake.wake(),
        }
        Ok(())
    }

    /// Undoes everything, and returns when that is done; dropping does so a little later.
    ///
    /// # Errors
    /// When the connection is lost; the database then undoes everything by itself.
    ///
    /// # Cancel safety
    /// Dropped at an await point it is undone nevertheless.
    pub async fn rollback(self) -> Result<()> {
        let undone = self.transaction.rollback().await;
        undone.map_err(|source| Error::database("roll back", source))
    }

    /// What is known of the entity's table, found out once.
    fn table<E: EntityTrait + 'static>(&mut self) -> Result<Arc<Table>> {
        let id = TypeId::of::<E>();
        if let Some((_, table)) = self.tables.iter().find(|(known, _)| *known == id) {
            return Ok(Arc::clone(table));
        }
        let table = Arc::new(Table::of::<E>()?);
        self.tables.push((id, Arc::clone(&table)));
        Ok(table)
    }

    /// Begins to write a row: until [`kept`](Self::kept) nothing may be committed.
    fn write(&mut self) -> Result<()> {
        if self.failed {
            return Err(undone("write"));
        }
        self.failed = true;
        Ok(())
    }

    /// A row is written, and its change is told with the commit.
    fn kept(&mut self, change: NewChange) -> Result<()> {
        self.keep(change)?;
        self.failed = false;
        Ok(())
    }

    fn keep(&mut self, change: NewChange) -> Result<()> {
        if self.changes.len() == CHANGES {
            let text = format!(
                "cannot write more: the transaction holds {CHANGES} changes; commit and begin another one"
            );
            return Err(Error::new(ErrorKind::TooLarge, text));
        }
        self.changes.push(change);
        Ok(())
    }

    /// The answer of the database to what was done.
    fn done<T>(&mut self, what: &str, answer: Result<T, DbErr>) -> Result<T> {
        answer.map_err(|source| {
            self.failed = true;
            Error::database(what, source)
        })
    }
}

fn undone(what: &str) -> Error {
    let text = format!(
        "cannot {what}: something that this transaction wrote was refused or broken off, so all of it is undone; begin another one"
    );
    Error::new(ErrorKind::Database, text)
}
