//! A snapshot at a position, and every later change once.

use std::collections::BTreeMap;
use std::sync::Arc;

use sea_orm::EntityTrait;
use serde_json::{Value, json};
use sockeye_live::{LiveOptions, Models};
use tokio::task::JoinSet;

use crate::harness::entities::product;
use crate::harness::{Base, House, on_each};

fn models(base: &Base) -> Models {
    Models::new(&base.database).model::<product::Entity>(|products| products)
}

#[tokio::test]
async fn a_snapshot_comes_in_pages_before_its_changes() {
    on_each(pages).await;
}

async fn pages(base: Base) {
    let house = House::of(models(&base)).await;
    let ids = house.add_products(250).await;
    let mut client = house.watch("products").await;
    let begins = client.subscribe("products", json!({ "rows": true })).await;
    // Who is cut off in between has nothing to go on from.
    assert!(begins["payload"].get("position").is_none(), "{begins}");
    let mut rows = Vec::new();
    let position = loop {
        let page = client.json().await;
        assert_eq!(page["event"], "rows");
        let data = page["data"].as_array().unwrap();
        assert!(data.len() <= 100);
        rows.extend(data.iter().map(|row| row["id"].as_i64().unwrap()));
        assert_eq!(page.get("position").is_some(), page["last"] == true);
        if let Some(position) = page["position"].as_i64() {
            break position;
        }
    };
    assert_eq!(rows, ids);
    house.set_price(rows[0], 77).await;
    let event = client.json().await;
    assert_eq!(
        (&event["event"], &event["data"]["price"]),
        (&json!("updated"), &json!(77))
    );
    assert!(event["position"].as_i64() > Some(position));
}

#[tokio::test]
async fn more_rows_than_a_snapshot_may_have_are_refused_and_not_cut() {
    let base = Base::sqlite().await;
    let mut options = LiveOptions::default();
    options.snapshot_rows = 10;
    let house = House::of(models(&base).options(options)).await;
    house.add_products(11).await;
    let mut client = house.watch("products").await;
    client.ask("products", json!({ "rows": true })).await;
    let refused = client.json().await;
    assert_eq!(
        (&refused["action"], &refused["payload"]["code"]),
        (&json!("error"), &json!(413))
    );
    assert!(
        refused["payload"]["message"]
            .as_str()
            .unwrap()
            .contains("more than 10"),
        "{refused}"
    );
    // It watches nothing then, and may ask for less.
    client
        .subscribe(
            "products",
            json!({ "rows": true, "filter": { "id": { "lte": 2 } } }),
        )
        .await;
    assert_eq!(client.json().await["data"].as_array().unwrap().len(), 2);
}

/// Keeps the rows that it is told of.
fn apply(view: &mut BTreeMap<i64, Value>, told: &Value) {
    let id = |row: &Value| row["id"].as_i64().unwrap();
    let data = &told["data"];
    match told["event"].as_str().unwrap() {
        "rows" => view.extend(
            data.as_array()
                .unwrap()
                .iter()
                .map(|row| (id(row), row.clone())),
        ),
        "created" => assert!(
            view.insert(id(data), data.clone()).is_none(),
            "twice: {told}"
        ),
        "updated" => assert!(
            view.insert(id(data), data.clone()).is_some(),
            "of nothing: {told}"
        ),
        "deleted" => assert!(view.remove(&id(data)).is_some(), "of nothing: {told}"),
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_joins_while_others_write_misses_nothing_and_hears_nothing_twice() {
    on_each(joining_among_writers).await;
}

async fn joining_among_writers(base: Base) {
    let house = Arc::new(House::of(models(&base)).await);
    let ids = house.add_products(20).await;
    let mut tasks = JoinSet::new();
    for writer in 0..3 {
        let (house, ids) = (Arc::clone(&house), ids.clone());
        tasks.spawn(async move {
            for round in 0..60 {
                house
                    .set_price(
                        ids[(round * 7 + writer) % ids.len()],
                        i32::try_from(round).unwrap(),
                    )
                    .await;
            }
        });
    }
    let mut clients = JoinSet::new();
    for _ in 0..20 {
        let house = Arc::clone(&house);
        clients.spawn(async move {
            let mut client = house.watch("products").await;
            client.subscribe("products", json!({ "rows": true })).await;
            client
        });
        tokio::task::yield_now().await;
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    house.set_price(ids[0], -1).await;
    let rows = product::Entity::find().all(house.database()).await.unwrap();
    let expected: BTreeMap<i64, i32> = rows.iter().map(|row| (row.id.into(), row.price)).collect();
    while let Some(client) = clients.join_next().await {
        let mut client = client.unwrap();
        let (mut view, mut last) = (BTreeMap::new(), 0);
        loop {
            let told = client.json().await;
            apply(&mut view, &told);
            let position = told["position"].as_i64().unwrap();
            assert!(
                told["event"] == "rows" || position > last,
                "{told} after {last}"
            );
            last = position;
            if told["data"]["price"] == -1 {
                break;
            }
        }
        let shown: BTreeMap<i64, i32> = view
            .iter()
            .map(|(id, row)| (*id, i32::try_from(row["price"].as_i64().unwrap()).unwrap()))
            .collect();
        assert_eq!(shown, expected);
    }
}
