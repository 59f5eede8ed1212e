//! Other programs' transactions among each other and beside writers.

use sea_orm::{ConnectionTrait, DatabaseConnection, IsolationLevel, TransactionTrait};
use tokio::time::{Duration, timeout};

use super::World;
use crate::connect::connect;

const INSERT: &str = "INSERT INTO products (name, stock) VALUES";

#[tokio::test]
async fn changes_are_in_the_order_of_the_commits() {
    let world = World::new().await;
    let slow = world.database.begin().await.unwrap();
    slow.execute_unprepared(&format!("{INSERT} ('slow', 1)"))
        .await
        .unwrap();
    world.psql(&format!("{INSERT} ('fast', 2)")).await;
    slow.commit().await.unwrap();
    let told = world.told().await;
    assert_eq!(
        told,
        ["products created 2:fast:2", "products created 1:slow:1"]
    );
}

async fn insert_often(database: DatabaseConnection, writer: usize) {
    for n in 0..25 {
        let transaction = database.begin().await.unwrap();
        let insert = format!("{INSERT} ('{writer}-{n}', {n}), ('{writer}-{n}b', {n})");
        transaction.execute_unprepared(&insert).await.unwrap();
        transaction.commit().await.unwrap();
    }
}

/// What makes the position of a snapshot complete: nobody sees a change whose predecessors are not there yet.
#[tokio::test]
async fn whoever_reads_up_to_an_id_finds_all_that_comes_later_behind_it() {
    let world = World::new().await;
    let other = connect(&world.url).await.unwrap();
    let writers = (0..8).map(|writer| tokio::spawn(insert_often(other.clone(), writer)));
    let writers: Vec<_> = writers.collect();
    let log = crate::log::Log::new(&world.database);
    let (mut position, mut seen) = (0, 0);
    while seen < 400 {
        let batch = timeout(Duration::from_secs(60), log.read_after(position, 7)).await;
        let changes = batch.unwrap().unwrap().changes;
        seen += changes.len();
        position = changes.last().map_or(position, |change| change.position);
        if writers.iter().all(|writer| writer.is_finished()) && changes.is_empty() {
            break;
        }
    }
    assert_eq!(seen, 400);
    assert_eq!(world.changes().await.len(), 400);
}

#[tokio::test]
async fn every_isolation_level_is_told() {
    let world = World::new().await;
    let other = connect(&world.url).await.unwrap();
    for level in [IsolationLevel::Serializable, IsolationLevel::RepeatableRead] {
        let one = world
            .database
            .begin_with_config(Some(level), None)
            .await
            .unwrap();
        let two = other.begin_with_config(Some(level), None).await.unwrap();
        one.execute_unprepared(&format!("{INSERT} ('one {level:?}', 1)"))
            .await
            .unwrap();
        two.execute_unprepared(&format!("{INSERT} ('two {level:?}', 2)"))
            .await
            .unwrap();
        one.commit().await.unwrap();
        two.commit().await.unwrap();
    }
    let told = world.told().await;
    let stocks: Vec<_> = told
        .iter()
        .map(|told| told.rsplit(':').next().unwrap())
        .collect();
    assert_eq!(stocks, ["1", "2", "1", "2"], "neither disturbs the other");
}

#[tokio::test]
async fn who_may_only_write_to_the_table_is_told_too() {
    let world = World::new().await;
    let role = format!("clerk_{}", world.url.rsplit('/').next().unwrap());
    world.psql(&format!(
        "CREATE ROLE {role}; GRANT INSERT ON products TO {role}; GRANT USAGE ON products_id_seq TO {role}; \
         SET ROLE {role}; {INSERT} ('apple', 1)"
    )).await;
    assert_eq!(world.told().await, ["products created 1:apple:1"]);
    let abused = format!(
        "SET ROLE {role}; CREATE TEMP TABLE mine (id int); CREATE TRIGGER t AFTER INSERT ON mine \
         FOR EACH ROW EXECUTE FUNCTION sockeye_tell('products', '{{id}}', '{{}}', '{{}}')"
    );
    let refused = world.server.psql(&world.url, &abused).await.unwrap_err();
    assert!(
        refused.contains("permission denied for function sockeye_tell"),
        "{refused}"
    );
}
