//! The server is killed time and again while it writes: what was committed is told, once, and nothing else is.

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that finds something else than it expects fails"
)]

mod server;
mod viewer;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use fixtures::Postgres;
use inventory::{make_tables, product};
use parking_lot::Mutex;
use sea_orm::{DatabaseConnection, EntityTrait, Set};
use sockeye_live::{Writer, connect};
use tokio::task::JoinSet;

use server::{Server, post};
use viewer::Viewer;

/// PostgreSQL takes its time to miss the connections of one that was killed, and has a hundred of them at most.
const KILLS: u64 = 100;
const KILLS_POSTGRES: u64 = 30;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_committed_outlives_the_server_on_sqlite() {
    let folder = std::env::temp_dir().join(format!("sockeye-kills-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let url = format!(
        "sqlite://{}?mode=rwc",
        folder.join("inventory.db").display()
    );
    kill_and_restart(&url, KILLS).await;
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_committed_outlives_the_server_on_postgres() {
    kill_and_restart(&Postgres::fresh().await, KILLS_POSTGRES).await;
}

async fn kill_and_restart(url: &str, kills: u64) {
    let database = connect(url).await.unwrap();
    make_tables(&database).await.unwrap();
    let mut viewer = Viewer::default();
    let confirmed = Arc::new(Mutex::new(BTreeSet::new()));
    for round in 0..kills {
        let mut server = Server::start(url);
        viewer.connect(&server.address).await;
        let mut clients = JoinSet::new();
        for client in 0..3 {
            let (address, confirmed) = (server.address.clone(), Arc::clone(&confirmed));
            clients.spawn(
                async move { add(&address, &format!("{round}-{client}"), &confirmed).await },
            );
        }
        // At another point of their work in every round.
        viewer.hear_for(Duration::from_millis(round % 17)).await;
        // Another program's commit, of which the server hears later than of its end.
        let behind = add_behind(&database, round).await;
        confirmed.lock().insert(behind);
        server.kill();
        while clients.join_next().await.is_some() {}
        viewer.hear_the_rest().await;
    }
    let server = Server::start(url);
    viewer.connect(&server.address).await;
    let rows = product::Entity::find().all(&database).await.unwrap();
    let there: BTreeSet<String> = rows.into_iter().map(|row| row.name).collect();
    viewer.hear_until(there.len()).await;

    // Each was told once: the viewer fails on the second time.
    assert_eq!(viewer.names(), &there);
    let confirmed = confirmed.lock().clone();
    assert!(
        confirmed.is_subset(&there),
        "{:?}",
        confirmed.difference(&there)
    );
    assert!(
        confirmed.len() as u64 > 2 * kills,
        "{} rows make no load",
        confirmed.len()
    );
    assert!(!there.iter().any(|name| name.starts_with("undone")));
}

/// Adds products until the server is gone. Every fourth is refused after it was inserted, and is undone.
async fn add(address: &str, name: &str, confirmed: &Mutex<BTreeSet<String>>) {
    for number in 0.. {
        let (name, price) = match number % 4 {
            3 => (format!("undone {name}-{number}"), -1),
            _ => (format!("{name}-{number}"), 1),
        };
        match post(address, &name, price).await {
            Ok(201) => assert!(confirmed.lock().insert(name)),
            Ok(422) => assert!(name.starts_with("undone")),
            Ok(other) => panic!("{other}"),
            // It was killed meanwhile; nobody knows whether that is committed.
            Err(_) => return,
        }
    }
}

/// Adds a product from another process than the server's.
async fn add_behind(database: &DatabaseConnection, round: u64) -> String {
    let name = format!("behind {round}");
    let mut writer = Writer::begin(database).await.unwrap();
    let new = product::ActiveModel {
        name: Set(name.clone()),
        price: Set(1),
        stock: Set(1),
        ..Default::default()
    };
    writer.insert(new).await.unwrap();
    writer.commit().await.unwrap();
    name
}
