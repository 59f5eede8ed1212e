//! P8: a change by REST reaches every subscriber.

use serde_json::json;
use sockeye_live::Models;

use crate::harness::entities::{order, product};
use crate::harness::{Base, House, on_each};

#[tokio::test]
async fn p8_what_rest_does_subscribers_are_told() {
    on_each(changes_by_rest).await;
}

async fn changes_by_rest(base: Base) {
    let models = Models::new(&base.database)
        .model::<product::Entity>(|products| products)
        .model::<order::Entity>(|orders| orders);
    let house = House::of(models).await;
    let mut watching = Vec::new();
    for _ in 0..2 {
        let mut client = house.watch("products").await;
        client
            .send(r#"{"action":"subscribe","resource":"products"}"#)
            .await;
        assert_eq!(client.json().await["action"], "subscribed");
        watching.push(client);
    }
    let mut silent = house.watch("products").await;

    let apple = json!({ "name": "apple", "price": 3, "department": "fruit", "cost": null });
    let created = house.post("/api/products", apple).await;
    assert_eq!(created.status, 201, "{created:?}");
    let id = created.json()["id"].clone();
    house
        .post("/api/orders", json!({ "owner": "ada", "amount": 1 }))
        .await;
    let path = format!("/api/products/{id}");
    assert_eq!(house.patch(&path, json!({ "price": 4 })).await.status, 200);
    assert_eq!(house.delete(&path).await.status, 204);

    for client in &mut watching {
        let mut told = Vec::new();
        for _ in 0..3 {
            let mut event = client.json().await;
            told.push(event["position"].as_i64().unwrap());
            event.as_object_mut().unwrap().remove("position");
            let (kind, data) = match told.len() {
                1 => (
                    "created",
                    json!({ "id": id, "name": "apple", "price": 3, "department": "fruit", "cost": null }),
                ),
                2 => (
                    "updated",
                    json!({ "id": id, "name": "apple", "price": 4, "department": "fruit", "cost": null }),
                ),
                _ => ("deleted", json!({ "id": id })),
            };
            assert_eq!(
                event,
                json!({ "event": kind, "resource": "products", "data": data })
            );
        }
        assert!(told.is_sorted_by(|one, next| one < next), "{told:?}");
        client.is_quiet().await;
    }
    // Who has not subscribed is told nothing.
    silent.is_quiet().await;
}
