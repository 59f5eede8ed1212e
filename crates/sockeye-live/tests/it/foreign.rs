//! What other programs write, as subscribers see it.

use std::time::Duration;

use fixtures::Postgres;
use serde_json::{Value, json};
use sockeye_live::{LiveOptions, Models, install_trigger};

use crate::harness::entities::product;
use crate::harness::{Base, House, Socket};

struct World {
    base: Base,
    house: House,
}

impl World {
    /// Nobody polls: what is heard was told by the database.
    async fn new() -> Self {
        let base = Base::postgres().await;
        install_trigger::<product::Entity>(&base.database)
            .await
            .unwrap();
        let mut options = LiveOptions::default();
        options.poll = Duration::from_secs(3600);
        let models = Models::new(&base.database)
            .options(options)
            .model::<product::Entity>(|products| products);
        let house = House::of(models).await;
        Self { base, house }
    }

    async fn psql(&self, statements: &str) {
        let server = Postgres::shared().await;
        server.psql(&self.base.url, statements).await.unwrap();
    }

    /// A client that watches what is in a department.
    async fn fruit(&self) -> Socket {
        let mut client = self.house.watch("products").await;
        let filter = json!({ "filter": { "department": "fruit" }, "rows": true });
        client.subscribe("products", filter).await;
        client
    }
}

const INSERT: &str = "INSERT INTO products (name, price, department) VALUES";

/// An event without its position.
async fn event(client: &mut Socket) -> (String, Value) {
    let mut event = client.json().await;
    (
        event["event"].as_str().unwrap().to_owned(),
        event["data"].take(),
    )
}

#[tokio::test]
async fn psql_is_watched_as_anybody_is() {
    let world = World::new().await;
    let mut client = world.fruit().await;
    assert_eq!(client.json().await["data"], json!([]));
    world
        .psql(&format!(
            "{INSERT} ('apple', 3, 'fruit'), ('hammer', 9, 'tools')"
        ))
        .await;
    world
        .psql("UPDATE products SET price = 4, cost = 2 WHERE name = 'apple'")
        .await;
    world
        .psql("UPDATE products SET department = 'fruit' WHERE name = 'hammer'")
        .await;
    world.psql("DELETE FROM products").await;
    let row = |id, name, price, cost: Value| json!({ "id": id, "name": name, "price": price, "department": "fruit", "cost": cost });
    let told = [
        ("created", row(1, "apple", 3, Value::Null)),
        ("updated", row(1, "apple", 4, json!(2))),
        ("created", row(2, "hammer", 9, Value::Null)),
        ("deleted", json!({ "id": 1 })),
        ("deleted", json!({ "id": 2 })),
    ];
    for (kind, data) in told {
        assert_eq!(event(&mut client).await, (kind.to_owned(), data));
    }
    client.is_quiet().await;
}

#[tokio::test]
async fn a_table_that_psql_empties_is_empty_for_all() {
    let world = World::new().await;
    world.psql(&format!("{INSERT} ('apple', 3, 'fruit')")).await;
    let mut client = world.fruit().await;
    assert_eq!(client.json().await["data"][0]["name"], "apple");
    world.psql("TRUNCATE products").await;
    assert_eq!(client.json().await["event"], "reset");
    assert_eq!(client.json().await["data"], json!([]));
    world.psql(&format!("{INSERT} ('pear', 4, 'fruit')")).await;
    assert_eq!(event(&mut client).await.1["name"], "pear");
}

#[tokio::test]
async fn installing_has_everybody_read_what_was_missed() {
    let world = World::new().await;
    let mut client = world.fruit().await;
    client.json().await;
    world
        .psql("ALTER TABLE products DISABLE TRIGGER sockeye_tell")
        .await;
    world.psql(&format!("{INSERT} ('apple', 3, 'fruit')")).await;
    install_trigger::<product::Entity>(&world.base.database)
        .await
        .unwrap();
    assert_eq!(client.json().await["event"], "reset");
    assert_eq!(client.json().await["data"][0]["name"], "apple");
}
