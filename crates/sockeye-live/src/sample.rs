//! Sample: a model and databases for the tests inside of this crate.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process};

use sea_orm::{ConnectionTrait, DatabaseConnection, Schema};

use crate::connect::connect;
use crate::log::Log;

/// Something with a unique text and a number.
pub(crate) mod product {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "products")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(crate) id: i32,
        #[sea_orm(unique)]
        pub(crate) name: String,
        pub(crate) stock: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A file of SQLite, gone with its value.
#[derive(Debug)]
pub(crate) struct File {
    folder: PathBuf,
    pub(crate) database: DatabaseConnection,
}

static MADE: AtomicU32 = AtomicU32::new(0);

impl File {
    /// With the tables of the model and of the log.
    pub(crate) async fn new() -> Self {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("sockeye-live-{}-{number}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        let database = connect(&url(&folder)).await.unwrap();
        install(&database).await;
        Self { folder, database }
    }

    pub(crate) fn url(&self) -> String {
        url(&self.folder)
    }
}

fn url(folder: &Path) -> String {
    format!("sqlite:{}?mode=rwc", folder.join("live.db").display())
}

impl Drop for File {
    fn drop(&mut self) {
        // What cannot be removed is left to the system, which clears its temporary folder.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Makes the tables of the model and of the log.
pub(crate) async fn install(database: &DatabaseConnection) {
    let schema = Schema::new(database.get_database_backend());
    let table = schema.create_table_from_entity(product::Entity);
    database.execute(&table).await.unwrap();
    Log::new(database).install().await.unwrap();
}
