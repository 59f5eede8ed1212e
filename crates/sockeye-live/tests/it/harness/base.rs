//! Base: an empty database with the tables of the tests' models, on SQLite or on PostgreSQL.

use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};

use fixtures::Postgres;
use sea_orm::{ConnectionTrait, DatabaseConnection, EntityTrait, Schema};
use sockeye_live::connect;

use crate::harness::entities::{grant, order, product};

/// A database that is gone with its value.
pub(crate) struct Base {
    pub(crate) database: DatabaseConnection,
    pub(crate) url: String,
    _folder: Option<Folder>,
}

struct Folder(std::path::PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left to the system, which clears its temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Base {
    pub(crate) async fn sqlite() -> Self {
        let name = format!("sockeye-live-{}", fresh_name());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let url = format!("sqlite:{}?mode=rwc", folder.join("live.db").display());
        Self::at(url, Some(Folder(folder))).await
    }

    pub(crate) async fn postgres() -> Self {
        Self::at(Postgres::fresh().await, None).await
    }

    async fn at(url: String, folder: Option<Folder>) -> Self {
        let database = connect(&url).await.unwrap();
        make(&database, product::Entity).await;
        make(&database, order::Entity).await;
        make(&database, grant::Entity).await;
        Self {
            database,
            url,
            _folder: folder,
        }
    }
}

async fn make<E: EntityTrait>(database: &DatabaseConnection, entity: E) {
    let schema = Schema::new(database.get_database_backend());
    let table = schema.create_table_from_entity(entity);
    database.execute(&table).await.unwrap();
}

/// Something that no other test has.
fn fresh_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!(
        "{}-{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    )
}

/// Runs a test on each database.
pub(crate) async fn on_each<F: Future<Output = ()>>(test: impl Fn(Base) -> F) {
    test(Base::sqlite().await).await;
    test(Base::postgres().await).await;
}
