//! Writes in application code, and waiting until they are told.

use sea_orm::{ConnectionTrait, DbBackend, Set, Statement};
use sockeye_live::Writer;

use crate::harness::entities::product;
use crate::harness::{House, within};

impl House {
    /// Adds so many products, and gives their keys.
    pub(crate) async fn add_products(&self, many: i32) -> Vec<i64> {
        let mut writer = self.live.writer().await.unwrap();
        let mut ids = Vec::new();
        for number in 0..many {
            let new = product::ActiveModel {
                name: Set(format!("product {number}")),
                price: Set(number),
                department: Set(["fruit", "tools"][usize::try_from(number % 2).unwrap()].to_owned()),
                ..Default::default()
            };
            ids.push(i64::from(writer.insert(new).await.unwrap().id));
        }
        writer.commit().await.unwrap();
        ids
    }

    pub(crate) async fn set_price(&self, id: i64, price: i32) {
        let mut writer = self.live.writer().await.unwrap();
        let change = product::ActiveModel {
            id: Set(i32::try_from(id).unwrap()),
            price: Set(price),
            ..Default::default()
        };
        writer.update(change).await.unwrap();
        writer.commit().await.unwrap();
    }

    pub(crate) async fn rename(&self, id: i64, name: &str) {
        let mut writer = self.live.writer().await.unwrap();
        let change = product::ActiveModel {
            id: Set(i32::try_from(id).unwrap()),
            name: Set(name.to_owned()),
            ..Default::default()
        };
        writer.update(change).await.unwrap();
        writer.commit().await.unwrap();
    }

    /// Has the feed look at the log.
    pub(crate) async fn wake(&self) {
        self.live.writer().await.unwrap().commit().await.unwrap();
    }

    /// Returns once the feed hears of other processes, where the database tells of them.
    pub(crate) async fn is_told_by_others(&self) {
        if self.database().get_database_backend() == DbBackend::Postgres {
            let mut writer = Writer::begin(self.database()).await.unwrap();
            writer.recheck("nobody").unwrap();
            writer.commit().await.unwrap();
            self.settled().await;
        }
    }

    /// Waits until everything that was committed so far is handed out.
    pub(crate) async fn settled(&self) {
        let database = self.database();
        let sql = "SELECT COALESCE(MAX(id), 0) FROM sockeye_changes";
        let last = Statement::from_string(database.get_database_backend(), sql);
        let last = database.query_one_raw(last).await.unwrap().unwrap();
        let last: i64 = last.try_get_by_index(0).unwrap();
        within("the feed", async {
            while self.live.stats().await.position < last {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
}
