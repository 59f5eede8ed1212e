//! Resuming: a client that was away gets what it missed, or is told to begin anew.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use sockeye_live::Models;

use crate::harness::entities::product;
use crate::harness::{Base, House, on_each};

fn models(base: &Base) -> Models {
    Models::new(&base.database).model::<product::Entity>(|products| products)
}

fn since(begins: &Value, rows: bool) -> Value {
    let payload = &begins["payload"];
    json!({ "since": payload["position"], "view": payload["view"], "rows": rows })
}

#[tokio::test]
async fn who_comes_back_gets_what_it_missed() {
    on_each(async |base| {
        let house = House::of(models(&base)).await;
        let ids = house.add_products(2).await;
        let mut client = house.watch("products").await;
        let begins = client.subscribe("products", json!({})).await;
        drop(client);
        house.set_price(ids[0], 50).await;
        house.set_price(ids[1], 51).await;

        let mut client = house.watch("products").await;
        let resumed = client.subscribe("products", since(&begins, true)).await;
        assert_eq!(resumed["payload"]["resumed"], true);
        for price in [50, 51] {
            assert_eq!(client.json().await["data"]["price"], price);
        }
        client.is_quiet().await;
    })
    .await;
}

#[tokio::test]
async fn another_node_and_a_new_process_know_what_was_missed() {
    on_each(async |base| {
        let begins = {
            let house = House::of(models(&base)).await;
            let mut client = house.watch("products").await;
            client.subscribe("products", json!({})).await
        };
        let writing = House::of(models(&base)).await;
        let ids = writing.add_products(1).await;
        // Started after the change, its feed has never seen it.
        let house = House::of(models(&base)).await;
        let mut client = house.watch("products").await;
        let resumed = client.subscribe("products", since(&begins, false)).await;
        assert_eq!(resumed["payload"]["resumed"], true);
        let event = client.json().await;
        assert_eq!(
            (&event["event"], &event["data"]["id"]),
            (&json!("created"), &json!(ids[0]))
        );
        writing.set_price(ids[0], 7).await;
        assert_eq!(client.json().await["data"]["price"], 7);
    })
    .await;
}

#[tokio::test]
async fn who_cannot_resume_is_told_to_forget_what_it_has() {
    on_each(async |base| {
        let house = House::of(models(&base)).await;
        house.add_products(1).await;
        let mut client = house.watch("products").await;
        let begins = client.subscribe("products", json!({})).await;
        let mut asked = vec![
            json!({ "since": begins["payload"]["position"], "view": "of something else", "rows": true }),
            json!({ "since": 1_000_000, "view": begins["payload"]["view"], "rows": true }),
            json!({ "since": -1, "view": begins["payload"]["view"], "rows": true }),
        ];
        // With another filter it is another view.
        let mut other = since(&begins, true);
        other["filter"] = json!({ "id": { "gt": 0 } });
        asked.push(other);
        for asked in asked {
            let mut client = house.watch("products").await;
            let anew = client.subscribe("products", asked.clone()).await;
            assert_eq!(anew["payload"]["resumed"], false, "{asked}");
            assert_eq!(client.json().await["event"], "reset");
            assert_eq!(client.json().await["data"].as_array().unwrap().len(), 1);
        }
    })
    .await;
}

#[tokio::test]
async fn what_was_trimmed_cannot_be_resumed_and_who_waited_for_it_begins_anew() {
    on_each(async |base| {
        let house = House::of(models(&base)).await;
        let mut client = house.watch("products").await;
        let mut begins = client.subscribe("products", json!({ "rows": true })).await;
        begins["payload"]["position"] = client.json().await["position"].clone();
        assert!(begins["payload"]["position"].is_i64());
        // As if this node had been away for longer than the log lasts.
        let sql = "UPDATE sockeye_log SET trimmed = 500";
        base.database.execute_unprepared(sql).await.unwrap();
        house.wake().await;
        assert_eq!(client.json().await["event"], "reset");
        assert_eq!(client.json().await["event"], "rows");
        let mut other = house.watch("products").await;
        let anew = other.subscribe("products", since(&begins, false)).await;
        assert_eq!(anew["payload"]["resumed"], false);
    })
    .await;
}
