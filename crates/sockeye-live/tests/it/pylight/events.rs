//! P8: a change by REST reaches every subscriber.

use serde_json::{Value, json};
use sockeye_live::Models;

use crate::harness::entities::{order, product};
use crate::harness::{Base, House, Socket, on_each};

#[tokio::test]
async fn p8_what_rest_does_subscribers_are_told() {
    on_each(changes_by_rest).await;
}

async fn changes_by_rest(base: Base) {
    let models = Models::new(&base.database)
        .model::<product::Entity>(|products| products)
        .model::<order::Entity>(|orders| orders);
    let house = House::of(models).await;
    let mut watching = [house.watch("products").await, house.watch("products").await];
    for client in &mut watching {
        client.subscribe("products", json!({})).await;
    }
    let mut silent = house.watch("products").await;

    let apple = json!({ "name": "apple", "price": 3, "department": "fruit", "cost": null });
    let created = house.post("/api/products", apple).await;
    assert_eq!(created.status, 201, "{created:?}");
    let id = created.json()["id"].clone();
    assert_eq!(
        created.headers["location"],
        format!("/api/products/{id}").as_str()
    );
    house
        .post("/api/orders", json!({ "owner": "ada", "amount": 1 }))
        .await;
    let path = format!("/api/products/{id}");
    assert_eq!(house.patch(&path, json!({ "price": 4 })).await.status, 200);
    assert_eq!(house.delete(&path).await.status, 204);

    for client in &mut watching {
        hear_of_one_life(client, &id).await;
    }
    // Who has not subscribed is told nothing.
    silent.is_quiet().await;
}

/// Hears how a row is made, changed and deleted.
async fn hear_of_one_life(client: &mut Socket, id: &Value) {
    let row = |price: i32| json!({ "id": id, "name": "apple", "price": price, "department": "fruit", "cost": null });
    let told = [
        ("created", row(3)),
        ("updated", row(4)),
        ("deleted", json!({ "id": id })),
    ];
    let mut last = 0;
    for (kind, data) in told {
        let mut event = client.json().await;
        let position = event.as_object_mut().unwrap().remove("position");
        let position = position.and_then(|position| position.as_i64()).unwrap();
        assert!(position > last, "{position} after {last}");
        last = position;
        let expected = json!({ "event": kind, "resource": "products", "data": data });
        assert_eq!(event, expected);
    }
    client.is_quiet().await;
}
