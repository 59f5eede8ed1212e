//! Listening: PostgreSQL tells at once of what any program has committed to the log.

use std::time::Duration;

use sea_orm::sqlx::postgres::{PgListener, PgPool, PgPoolOptions};
use sea_orm::sqlx::{self, Executor};
use sea_orm::{DatabaseConnection, DbBackend};
use tokio::time::{sleep, timeout};

use crate::log::{CHANNEL, Wake};

/// Between tries to connect. Feeds poll meanwhile, so nothing waits for it.
const PAUSE: Duration = Duration::from_secs(1);

/// After so long a silence the server is asked whether it is still there: a connection may be gone without a word.
const SILENCE: Duration = Duration::from_secs(30);

/// How long it may take to connect, and to say that it is there.
const PATIENCE: Duration = Duration::from_secs(10);

/// Wakes the feeds at each notification, and each time that notifications may have been missed. Returns at once on other
/// databases, else never.
///
/// It has a connection of its own, not one of the pool's: a pool of one would otherwise have none left.
///
/// # Cancel safety
/// Dropped at an await point it hangs up.
pub(crate) async fn listen(database: DatabaseConnection, wake: Wake) {
    if database.get_database_backend() != DbBackend::Postgres {
        return;
    }
    let mut told = false;
    loop {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(PATIENCE)
            .connect_lazy_with(own_options(&database));
        let Err(error) = session(&pool, &wake, &mut told).await;
        // Once for each time that it was there.
        if !told {
            tracing::warn!(%error, "PostgreSQL sends no notifications; changes of other programs are seen by polling");
            told = true;
        }
        sleep(PAUSE).await;
    }
}

fn own_options(database: &DatabaseConnection) -> sqlx::postgres::PgConnectOptions {
    let pool = database.get_postgres_connection_pool();
    pool.connect_options().as_ref().clone()
}

/// Listens over one connection until it is lost.
async fn session(
    pool: &PgPool,
    wake: &Wake,
    told: &mut bool,
) -> sqlx::Result<std::convert::Infallible> {
    let mut listener = PgListener::connect_with(pool).await?;
    // What was told between two connections is lost, and only here is it known that there were two.
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    *told = false;
    wake.wake();
    loop {
        let Ok(heard) = timeout(SILENCE, listener.try_recv()).await else {
            let asked = timeout(PATIENCE, (&mut listener).execute("SELECT")).await;
            asked.map_err(|_| lost())??;
            continue;
        };
        let mut heard = Some(heard?.ok_or_else(lost)?);
        while let Some(notification) = heard {
            match notification.payload().parse() {
                Ok(position) => wake.at(position),
                // The trigger's, which does not say where.
                Err(_) => wake.wake(),
            }
            heard = listener.next_buffered();
        }
    }
}

fn lost() -> sqlx::Error {
    sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into())
}
