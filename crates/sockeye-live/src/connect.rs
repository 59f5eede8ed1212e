//! Connecting to a database, as live models want it.

use sea_orm::{ConnectOptions, Database, DatabaseConnection};

use crate::error::{Error, Result};

/// Connections to SQLite: one writes, the others read meanwhile, and more only wait for the disk.
#[cfg(feature = "sqlite")]
const SQLITE: u32 = 8;

/// Connects to a database by its URL: `sqlite:inventory.db?mode=rwc`, `sqlite::memory:`, `postgres://..`, `mysql://..`.
///
/// That is [`Database::connect`], and for SQLite what it leaves open: a file gets the write-ahead log, so that readers do
/// not wait for the writer, and up to eight connections, whose writers wait five seconds for each other. A database in memory
/// gets one connection that stays, because each connection to it would find an empty one of its own: who holds a
/// [`Writer`](crate::Writer) then must not ask the database for anything else before its commit.
///
/// # Errors
/// When the database is out of reach or does not let us in, or its driver is not among the features of this crate.
///
/// # Cancel safety
/// Dropped at an await point nothing is connected.
pub async fn connect(url: &str) -> Result<DatabaseConnection> {
    let options = prepare(url);
    let connected = Database::connect(options).await;
    connected.map_err(|source| Error::database("connect to the database", source))
}

fn prepare(url: &str) -> ConnectOptions {
    #[cfg_attr(
        not(feature = "sqlite"),
        expect(unused_mut, reason = "only SQLite needs more")
    )]
    let mut options = ConnectOptions::new(url);
    #[cfg(feature = "sqlite")]
    if url.starts_with("sqlite:") {
        sqlite(
            &mut options,
            url.contains(":memory:") || url.contains("mode=memory"),
        );
    }
    options
}

#[cfg(feature = "sqlite")]
fn sqlite(options: &mut ConnectOptions, in_memory: bool) {
    use sea_orm::sqlx::sqlite::SqliteJournalMode;

    if in_memory {
        let forever: Option<std::time::Duration> = None;
        options.max_connections(1).min_connections(1);
        options.idle_timeout(forever).max_lifetime(forever);
        return;
    }
    options.max_connections(SQLITE);
    // A file does not hang up, and to ask costs as much as a short statement.
    options.test_before_acquire(false);
    // Its busy timeout is five seconds by itself.
    options.map_sqlx_sqlite_opts(|options| options.journal_mode(SqliteJournalMode::Wal));
}
