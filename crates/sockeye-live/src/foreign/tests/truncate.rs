//! Tables that are emptied at once.

use sea_orm::{ConnectionTrait, Set, TransactionTrait};

use super::World;
use crate::sample::product;
use crate::writer::Writer;

#[tokio::test]
async fn a_truncated_table_makes_subscribers_read_again() {
    let world = World::new().await;
    world
        .psql("INSERT INTO products (name, stock) VALUES ('apple', 1)")
        .await;
    world.forget().await;
    world.psql("BEGIN; TRUNCATE products; ROLLBACK").await;
    assert_eq!(world.told().await, [""; 0]);
    world.psql("TRUNCATE products").await;
    assert_eq!(world.told().await, ["products reset"]);
    assert_eq!(world.psql("SELECT count(*) FROM sockeye_resets").await, "0");
}

#[tokio::test]
async fn nobody_waits_for_the_commit_of_who_truncates() {
    let world = World::new().await;
    world.psql("CREATE TABLE others (id int)").await;
    let slow = world.database.begin().await.unwrap();
    slow.execute_unprepared("TRUNCATE products").await.unwrap();
    let mut writer = Writer::begin(&world.database).await.unwrap();
    writer.recheck("user").unwrap();
    writer.commit().await.unwrap();
    slow.commit().await.unwrap();
    let changes = world.changes().await;
    let told: Vec<_> = changes
        .iter()
        .map(|change| change.change.as_str())
        .collect();
    assert_eq!(told, ["rights", "reset"]);
}

#[tokio::test]
async fn a_writer_that_truncates_is_told() {
    let world = World::new().await;
    let mut writer = Writer::begin(&world.database).await.unwrap();
    let truncate = "TRUNCATE products";
    writer
        .transaction()
        .execute_unprepared(truncate)
        .await
        .unwrap();
    let apple = product::ActiveModel {
        name: Set("apple".to_owned()),
        stock: Set(1),
        ..Default::default()
    };
    writer.insert(apple).await.unwrap();
    writer.commit().await.unwrap();
    let told = world.told().await;
    assert!(told.contains(&"products reset".to_owned()), "{told:?}");
}
