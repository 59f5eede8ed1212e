//! Foreign: writes of other programs to PostgreSQL, which a trigger puts into the log and notifications tell of.

mod listen;
#[cfg(test)]
mod tests;
mod trigger;

use sea_orm::{DatabaseConnection, EntityTrait};

use crate::error::Result;
use crate::table::Table;

pub(crate) use listen::listen;
pub(crate) use trigger::Trigger;

/// Has PostgreSQL tell all who watch of what other programs write to an entity's table: migrations, scripts, psql, whatever
/// knows nothing of a [`Writer`](crate::Writer). Once for each database is enough, for instance when it is set up; again it
/// changes nothing, and so may be done at every start.
///
/// It is a trigger that runs at the commit of the other program and writes each changed row into the log, in the same
/// transaction, with the rights of who installed it. A table that is emptied by `TRUNCATE`, and a row that cannot be told, have
/// the subscribers read their rows again; so does installing. It never fails the other program's write. Without it such
/// writes are not seen.
///
/// Waits for the transactions that write to the table, while others wait to write.
///
/// What stays unseen: what a `Writer`'s transaction changes beside the `Writer`, such as by `ON DELETE CASCADE`; sessions with
/// `session_replication_role = replica`. Other programs cannot `PREPARE TRANSACTION` after they have written to the table, as
/// PostgreSQL has no notifications there, and one that sets its constraints immediate holds up other commits until its own.
///
/// # Errors
/// [`Configuration`](crate::ErrorKind::Configuration) on another database, or without the table;
/// [`Database`](crate::ErrorKind::Database) when it fails or does not let us: the user has to own the table and to
/// create functions in the schema that has the log.
///
/// # Cancel safety
/// Dropped at an await point it is installed or not.
pub async fn install_trigger<E: EntityTrait>(database: &DatabaseConnection) -> Result<()> {
    let trigger = Trigger::of::<E>(&Table::of::<E>()?);
    trigger.install(database).await
}

/// Undoes [`install_trigger`]; fine where there is none. The log itself stays.
///
/// # Errors
/// As [`install_trigger`], but fine without the table.
///
/// # Cancel safety
/// Dropped at an await point it is uninstalled or not.
pub async fn uninstall_trigger<E: EntityTrait>(database: &DatabaseConnection) -> Result<()> {
    let trigger = Trigger::of::<E>(&Table::of::<E>()?);
    trigger.uninstall(database).await
}
