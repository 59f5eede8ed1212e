//! P1, P10: what registering a model mounts.

use serde_json::json;
use sockeye_live::Models;

use crate::harness::entities::{order, product};
use crate::harness::{House, Socket, on_each};

#[tokio::test]
async fn p1_a_model_has_rest_and_a_socket_that_can_be_turned_off() {
    on_each(async |base| {
        let house = House::of(
            Models::new(&base.database)
                .model::<product::Entity>(|products| products)
                .model::<order::Entity>(|orders| orders.socket(false)),
        )
        .await;
        for model in ["products", "orders"] {
            let listed = house.get(&format!("/api/{model}")).await;
            assert_eq!(
                (listed.status, &listed.json()["items"]),
                (200, &json!([])),
                "{model}"
            );
        }
        house.watch("products").await.is_quiet().await;
        assert_eq!(
            Socket::open(house.address, "/ws/orders", None).await.err(),
            Some(404)
        );
        assert_eq!(
            Socket::open(house.address, "/ws/nothing", None).await.err(),
            Some(404)
        );
    })
    .await;
}

#[tokio::test]
async fn p10_health() {
    on_each(async |base| {
        let house = House::of(Models::new(&base.database)).await;
        let health = house.get("/health").await;
        assert_eq!(
            (health.status, health.json()),
            (200, json!({ "status": "healthy" }))
        );
    })
    .await;
}
