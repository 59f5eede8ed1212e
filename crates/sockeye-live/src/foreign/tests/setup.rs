//! Installing and uninstalling.

use super::{World, trigger};
use crate::connect::connect;

const TRIGGERS: &str = "SELECT string_agg(oid || tgname, ',' ORDER BY tgname) FROM pg_trigger WHERE tgname LIKE 'sockeye%'";

const SHARED: &str = "SELECT (SELECT count(*) FROM pg_proc WHERE proname LIKE 'sockeye%') + \
                      (SELECT count(*) FROM pg_class WHERE relname LIKE 'sockeye_resets%')";

#[tokio::test]
async fn installing_again_changes_nothing() {
    let world = World::new().await;
    let triggers = world.psql(TRIGGERS).await;
    trigger().install(&world.database).await.unwrap();
    assert_eq!(world.psql(TRIGGERS).await, triggers);
    assert_eq!(world.told().await, [""; 0]);
}

#[tokio::test]
async fn installing_mends_what_somebody_has_broken() {
    let world = World::new().await;
    world
        .psql("ALTER TABLE products DISABLE TRIGGER sockeye_tell")
        .await;
    world
        .psql("INSERT INTO products (name, stock) VALUES ('apple', 1)")
        .await;
    trigger().install(&world.database).await.unwrap();
    assert_eq!(
        world.told().await,
        ["products reset"],
        "what was missed is read again"
    );
    world
        .psql("DROP TRIGGER sockeye_truncated ON products")
        .await;
    trigger().install(&world.database).await.unwrap();
    world.forget().await;
    world.psql("TRUNCATE products").await;
    assert_eq!(world.told().await, ["products reset"]);
}

#[tokio::test]
async fn many_nodes_may_install_at_once() {
    let world = World::new().await;
    trigger().uninstall(&world.database).await.unwrap();
    let nodes = (0..6).map(|_| {
        let url = world.url.clone();
        tokio::spawn(async move {
            let database = connect(&url).await.unwrap();
            trigger().install(&database).await
        })
    });
    for node in nodes.collect::<Vec<_>>() {
        node.await.unwrap().unwrap();
    }
    assert_eq!(world.told().await, ["products reset"], "one of them has");
}

#[tokio::test]
async fn uninstalling_leaves_nothing_of_it() {
    let world = World::new().await;
    assert_ne!(world.psql(SHARED).await, "0");
    for _ in 0..2 {
        trigger().uninstall(&world.database).await.unwrap();
        assert_eq!(world.psql(TRIGGERS).await, "");
        assert_eq!(world.psql(SHARED).await, "0");
    }
    world
        .psql("INSERT INTO products (name, stock) VALUES ('apple', 1)")
        .await;
    assert_eq!(world.told().await, [""; 0]);
    trigger().install(&world.database).await.unwrap();
    world.psql("UPDATE products SET stock = 2").await;
    assert_eq!(
        world.told().await,
        ["products reset", "products updated 1:apple:1 1:apple:2"]
    );
}

#[tokio::test]
async fn what_others_still_need_stays_when_one_is_uninstalled() {
    let world = World::new().await;
    world.psql(
        "CREATE TABLE others (id int PRIMARY KEY, name text); CREATE CONSTRAINT TRIGGER sockeye_tell \
         AFTER INSERT ON others DEFERRABLE INITIALLY DEFERRED FOR EACH ROW \
         EXECUTE FUNCTION sockeye_tell('others', '{id}', '{}', '{}')",
    ).await;
    trigger().uninstall(&world.database).await.unwrap();
    world.psql("INSERT INTO others VALUES (1, 'another')").await;
    assert_eq!(world.told().await, ["others created 1:another:-"]);
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn other_databases_are_refused() {
    let database = connect("sqlite::memory:").await.unwrap();
    let error = trigger().install(&database).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot install a trigger on `products`: that is for PostgreSQL, and this is a database of Sqlite; \
         there write through a `Writer`"
    );
}
