//! Hearing of commits at once.

use std::time::Duration;

use fixtures::Postgres;
use tokio::time::timeout;

use super::trigger;
use crate::connect::connect;
use crate::foreign::listen;
use crate::log::{Listener, Wake};
use crate::sample;

const INSERT: &str = "INSERT INTO products (name, stock) VALUES (gen_random_uuid()::text, 1)";

/// Far longer than it takes.
const PATIENCE: Duration = Duration::from_secs(60);

async fn woken(listener: &mut Listener) {
    timeout(PATIENCE, listener.woken(i64::MAX))
        .await
        .expect("nobody woke");
}

/// Whether a commit of another program wakes; it may take a while until somebody listens.
async fn hears(server: &Postgres, url: &str, listener: &mut Listener) {
    woken(listener).await;
    for _ in 0..2 {
        server.psql(url, INSERT).await.unwrap();
        woken(listener).await;
    }
}

#[tokio::test]
async fn commits_wake_and_so_does_every_connection() {
    let mut server = Postgres::start().await;
    let url = server.url();
    let database = connect(&url).await.unwrap();
    sample::install(&database).await;
    trigger().install(&database).await.unwrap();
    let wake = Wake::default();
    let mut listener = wake.listen();
    let task = tokio::spawn(listen(database.clone(), wake));
    hears(&server, &url, &mut listener).await;

    let hang_up =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'";
    server.psql(&url, hang_up).await.unwrap();
    hears(&server, &url, &mut listener).await;

    server.kill().await;
    server.restart().await;
    hears(&server, &url, &mut listener).await;

    server.terminate().await;
    server.restart().await;
    hears(&server, &url, &mut listener).await;
    assert!(!task.is_finished());
    task.abort();
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn other_databases_tell_nothing() {
    let database = connect("sqlite::memory:").await.unwrap();
    timeout(PATIENCE, listen(database, Wake::default()))
        .await
        .unwrap();
}

/// A pool of one has its connection for others.
#[tokio::test]
async fn it_takes_no_connection_from_the_pool() {
    let server = Postgres::shared().await;
    let url = server.fresh_database().await;
    let mut options = sea_orm::ConnectOptions::new(&url);
    options.max_connections(1);
    let database = sea_orm::Database::connect(options).await.unwrap();
    sample::install(&database).await;
    let wake = Wake::default();
    let mut listener = wake.listen();
    let task = tokio::spawn(listen(database.clone(), wake));
    woken(&mut listener).await;
    trigger().install(&database).await.unwrap();
    woken(&mut listener).await;
    task.abort();
}
