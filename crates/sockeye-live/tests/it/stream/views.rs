//! Views: who sees which change, as their filters and rights say.

use serde_json::{Value, json};
use sockeye_live::Models;

use crate::harness::entities::product;
use crate::harness::{House, Socket, on_each};

async fn told(client: &mut Socket) -> (String, Value) {
    let event = client.json().await;
    (
        event["event"].as_str().unwrap().to_owned(),
        event["data"].clone(),
    )
}

#[tokio::test]
async fn a_row_enters_and_leaves_a_filter_as_if_it_was_made_and_deleted() {
    on_each(async |base| {
        let models = Models::new(&base.database).model::<product::Entity>(|products| products);
        let house = House::of(models).await;
        let ids = house.add_products(1).await;
        let mut cheap = house.watch("products").await;
        cheap.subscribe("products", json!({ "filter": { "price": { "lt": 10 } } })).await;
        let mut dear = house.watch("products").await;
        dear.subscribe("products", json!({ "filter": { "price": { "gte": 10 } } })).await;

        for price in [5, 15, 16, 3] {
            house.set_price(ids[0], price).await;
        }
        let row = |price: i32| json!({ "id": ids[0], "name": "product 0", "price": price, "department": "fruit", "cost": null });
        let key = json!({ "id": ids[0] });
        for expected in [("updated", row(5)), ("deleted", key.clone()), ("created", row(3))] {
            assert_eq!(told(&mut cheap).await, (expected.0.to_owned(), expected.1));
        }
        for expected in [("created", row(15)), ("updated", row(16)), ("deleted", key)] {
            assert_eq!(told(&mut dear).await, (expected.0.to_owned(), expected.1));
        }
        cheap.is_quiet().await;
        dear.is_quiet().await;
    })
    .await;
}

#[tokio::test]
async fn who_cannot_see_what_changed_is_not_told_that_something_did() {
    on_each(async |base| {
        let models = Models::new(&base.database)
            .model::<product::Entity>(|products| products.hide([product::Column::Price]));
        let house = House::of(models).await;
        let ids = house.add_products(2).await;
        let mut client = house.watch("products").await;
        client.subscribe("products", json!({})).await;
        house.set_price(ids[0], 99).await;
        house.rename(ids[1], "other").await;
        let (event, data) = told(&mut client).await;
        assert_eq!((event.as_str(), &data["id"]), ("updated", &json!(ids[1])));
        assert!(data.get("price").is_none(), "{data}");
    })
    .await;
}

#[tokio::test]
async fn a_subscription_takes_the_place_of_the_one_before() {
    on_each(async |base| {
        let models = Models::new(&base.database).model::<product::Entity>(|products| products);
        let house = House::of(models).await;
        let ids = house.add_products(4).await;
        let mut client = house.watch("products").await;
        for id in &ids[..3] {
            client
                .ask("products", json!({ "filter": { "id": id } }))
                .await;
        }
        for _ in 0..3 {
            assert_eq!(client.json().await["action"], "subscribed");
        }
        for id in &ids {
            house.rename(*id, "new").await;
        }
        assert_eq!(told(&mut client).await.1["id"], json!(ids[2]));
        client.send(r#"{"action":"unsubscribe","ref":7}"#).await;
        let over = client.json().await;
        assert_eq!(
            (&over["action"], &over["ref"]),
            (&json!("unsubscribed"), &json!(7))
        );
        house.rename(ids[2], "newer").await;
        house.settled().await;
        client.is_quiet().await;
        assert_eq!(house.live.stats().await.subscribers, 0);
    })
    .await;
}
