//! Other programs' transactions among each other and beside writers.

use sea_orm::{ConnectionTrait, DatabaseConnection, IsolationLevel, TransactionTrait};
use tokio::time::{Duration, timeout};

use super::World;
use crate::connect::connect;

/// Far longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(60);

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

/// What makes the position of a snapshot complete: nobody sees a change whose predecessors are not there yet. The first
/// transaction has its id in the log and is held up before its commit; another one comes then.
#[tokio::test]
async fn whoever_reads_up_to_an_id_finds_all_that_comes_later_behind_it() {
    let world = World::new().await;
    world
        .psql(
            "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS \
             'BEGIN PERFORM pg_advisory_xact_lock(42); RETURN NULL; END'; \
             CREATE CONSTRAINT TRIGGER zz_hold AFTER INSERT ON products DEFERRABLE INITIALLY DEFERRED \
             FOR EACH ROW WHEN (NEW.name = 'first') EXECUTE FUNCTION hold()",
        )
        .await;
    let holder = world.database.begin().await.unwrap();
    let hold = "SELECT pg_advisory_xact_lock(42)";
    holder.execute_unprepared(hold).await.unwrap();
    let first = tokio::spawn(insert(connect(&world.url).await.unwrap(), "first"));
    world.waiting(1).await;
    let second = tokio::spawn(insert(connect(&world.url).await.unwrap(), "second"));
    timeout(PATIENCE, async {
        while !second.is_finished() && world.count_waiting().await < 2 {}
    })
    .await
    .unwrap();
    assert_eq!(world.told().await, [""; 0], "the second before the first");
    holder.rollback().await.unwrap();
    first.await.unwrap();
    second.await.unwrap();
    let told = world.told().await;
    assert_eq!(
        told,
        ["products created 1:first:1", "products created 2:second:1"]
    );
}

async fn insert(database: DatabaseConnection, name: &'static str) {
    let insert = format!("{INSERT} ('{name}', 1)");
    database.execute_unprepared(&insert).await.unwrap();
}

impl World {
    /// How many wait for somebody's lock.
    async fn count_waiting(&self) -> usize {
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
        self.psql(waiting).await.parse().unwrap()
    }

    async fn waiting(&self, many: usize) {
        let waiting = async { while self.count_waiting().await < many {} };
        timeout(PATIENCE, waiting).await.unwrap();
    }
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
