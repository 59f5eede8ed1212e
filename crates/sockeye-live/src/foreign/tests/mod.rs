//! A database with the table of products and its trigger, and others who write into it.

mod order;
mod rows;
mod setup;
mod truncate;
mod wakes;

use fixtures::Postgres;
use sea_orm::{ConnectionTrait, DatabaseConnection};

use crate::connect::connect;
use crate::foreign::Trigger;
use crate::log::{Log, RawChange};
use crate::sample::{self, product};
use crate::table::Table;

/// What the tests have.
struct World {
    server: &'static Postgres,
    url: String,
    database: DatabaseConnection,
}

fn trigger() -> Trigger {
    Trigger::of::<product::Entity>(&Table::of::<product::Entity>().unwrap())
}

impl World {
    async fn new() -> Self {
        let server = Postgres::shared().await;
        let url = server.fresh_database().await;
        let database = connect(&url).await.unwrap();
        sample::install(&database).await;
        trigger().install(&database).await.unwrap();
        let world = Self {
            server,
            url,
            database,
        };
        assert_eq!(
            world.told().await,
            ["products reset"],
            "who was there before reads again"
        );
        world.forget().await;
        world
    }

    /// Writes as another program does.
    async fn psql(&self, statements: &str) -> String {
        let done = self.server.psql(&self.url, statements).await;
        done.unwrap_or_else(|error| panic!("{error}"))
    }

    async fn changes(&self) -> Vec<RawChange> {
        let batch = Log::new(&self.database).read_after(0, 1000).await;
        batch.unwrap().changes
    }

    /// The changes so far, with the ids and names in their rows.
    async fn told(&self) -> Vec<String> {
        self.changes().await.iter().map(text).collect()
    }

    async fn forget(&self) {
        let forget = "DELETE FROM sockeye_changes";
        self.database.execute_unprepared(forget).await.unwrap();
    }
}

fn text(change: &RawChange) -> String {
    let mut text = format!("{} {}", change.resource, change.change);
    for image in [&change.before, &change.after].into_iter().flatten() {
        let image: serde_json::Value = serde_json::from_str(image).unwrap();
        let of = |column: &str| image[column].as_str().unwrap_or("-").to_owned();
        text += &format!(" {}:{}:{}", of("id"), of("name"), of("stock"));
    }
    text
}
