//! Rows come and go by HTTP, on every database alike.

use sea_orm::EntityTrait;
use serde_json::json;

use crate::rest::models::product;
use crate::rest::shop::{Shop, everywhere};

fn apple() -> serde_json::Value {
    json!({"name": "apple", "price": 3, "kind": "fruit"})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_is_made_read_changed_replaced_and_deleted() {
    for shop in everywhere().await {
        let staff = shop.client.of("staff");
        let made = staff.post("/api/products", &json!({
            "name": "apple", "price": 3, "weight": 0.5, "kind": "fruit", "note": null, "picture": "AP8=",
            "more": {"colours": ["red", "green"]},
        })).await;
        let row = json!({
            "id": 1, "name": "apple", "price": 3, "weight": 0.5, "kind": "fruit", "listed": true, "note": null,
            "picture": "AP8=", "more": {"colours": ["red", "green"]}, "sold": 0,
        });
        assert_eq!(made.header("location"), Some("/api/products/1"));
        assert_eq!(made.json(201), row);
        assert_eq!(shop.client.get("/api/products/1").await.json(200), row);

        let changed = staff
            .patch("/api/products/1", &json!({"price": 4, "note": "sour"}))
            .await
            .json(200);
        assert_eq!(
            (&changed["price"], &changed["note"], &changed["weight"]),
            (&json!(4), &json!("sour"), &json!(0.5))
        );

        let replacement =
            json!({"id": 1, "name": "pear", "price": 5, "kind": "fruit", "listed": false});
        let replaced = staff.put("/api/products/1", &replacement).await.json(200);
        let expected = json!({
            "id": 1, "name": "pear", "price": 5, "weight": null, "kind": "fruit", "listed": false, "note": null,
            "picture": null, "more": null, "sold": 0,
        });
        assert_eq!(replaced, expected);
        assert_eq!(shop.client.get("/api/products/1").await.json(200), expected);

        let deleted = staff.delete("/api/products/1").await;
        assert_eq!((deleted.status, deleted.body.as_str()), (204, ""));
        shop.client.get("/api/products/1").await.faults(404);
        staff.delete("/api/products/1").await.faults(404);
        staff.put("/api/products/1", &replacement).await.faults(404);
    }
}

#[tokio::test]
async fn a_key_may_have_parts_and_any_characters() {
    for shop in everywhere().await {
        let made = shop
            .client
            .post("/api/shelves", &json!({"aisle": "a/b, c%", "number": 2}))
            .await;
        let path = made.header("location").unwrap().to_owned();
        assert_eq!(path, "/api/shelves/a%2Fb%2C%20c%25,2");
        made.json(201);
        let changed = shop
            .client
            .patch(&path, &json!({"label": "top"}))
            .await
            .json(200);
        assert_eq!(
            changed,
            json!({"aisle": "a/b, c%", "number": 2, "label": "top"})
        );
        let moved = shop
            .client
            .put(&path, &json!({"aisle": "z", "number": 2}))
            .await;
        assert!(
            moved
                .faults(422)
                .contains("aisle: the key of a row stays as it is"),
            "{moved:?}"
        );
        shop.client.get("/api/shelves/a,2").await.faults(404);
        assert_eq!(shop.client.delete(&path).await.status, 204);
    }
}

#[tokio::test]
async fn what_collides_is_told_and_changes_nothing() {
    for shop in everywhere().await {
        let staff = shop.client.of("staff");
        staff.post("/api/products", &apple()).await.json(201);
        staff.post("/api/products", &apple()).await.faults(409);
        let shelf = json!({"aisle": "a", "number": 1});
        shop.client.post("/api/shelves", &shelf).await.json(201);
        shop.client.post("/api/shelves", &shelf).await.faults(409);

        let order = json!({"owner": "ann", "product_id": 99, "pieces": 1});
        shop.client
            .of("ann")
            .post("/api/orders", &order)
            .await
            .faults(409);
        let order = json!({"owner": "ann", "product_id": 1, "pieces": 1});
        shop.client
            .of("ann")
            .post("/api/orders", &order)
            .await
            .json(201);
        staff.delete("/api/products/1").await.faults(409);
        assert_eq!(
            product::Entity::find()
                .all(&shop.database)
                .await
                .unwrap()
                .len(),
            1
        );
    }
}

#[tokio::test]
async fn the_application_has_a_word_on_every_row() {
    let shop = Shop::new().await;
    let staff = shop.client.of("staff");
    let made = staff
        .post(
            "/api/products",
            &json!({"name": "apple", "price": -1, "kind": "fruit"}),
        )
        .await;
    assert_eq!(
        made.faults(422),
        "value_error price: nothing costs less than nothing"
    );
    staff.post("/api/products", &apple()).await.json(201);
    staff
        .patch("/api/products/1", &json!({"price": -1}))
        .await
        .faults(422);
    assert_eq!(
        shop.client.get("/api/products/1").await.json(200)["price"],
        3
    );
    assert_eq!(shop.client.get("/api/products").await.json(200)["total"], 1);
}

#[tokio::test]
async fn rules_of_tables_and_hooks_of_entities_are_told() {
    for shop in everywhere().await {
        let staff = shop.client.of("staff");
        staff.post("/api/products", &apple()).await.json(201);
        let order = json!({"owner": "ann", "product_id": 1, "pieces": 0});
        let refused = shop.client.of("ann").post("/api/orders", &order).await;
        refused.faults(422);
        assert!(
            refused.body.contains("a rule of the table forbids it"),
            "{refused:?}"
        );
        let refused = shop
            .client
            .post("/api/shelves", &json!({"aisle": "a", "number": -1}))
            .await;
        refused.faults(400);
        assert!(
            refused.body.contains("shelves are counted from 0"),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn a_path_tells_what_it_takes() {
    let shop = Shop::new().await;
    let answer = shop.client.delete("/api/products").await;
    assert_eq!(answer.header("allow"), Some("GET, HEAD, POST, OPTIONS"));
    answer.faults(405);
    let answer = shop.client.post("/api/products/1", &json!({})).await;
    assert_eq!(
        answer.header("allow"),
        Some("GET, HEAD, PUT, PATCH, DELETE, OPTIONS")
    );
    answer.faults(405);
    let head = shop.client.ask("HEAD", "/api/products", "").await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    let missing = shop.client.ask("HEAD", "/api/products/1", "").await;
    assert_eq!((missing.status, missing.body.as_str()), (404, ""));
    let options = shop.client.ask("OPTIONS", "/api/products", "").await;
    assert_eq!((options.status, options.body.as_str()), (204, ""));
    assert_eq!(options.header("allow"), Some("GET, HEAD, POST, OPTIONS"));
}

#[tokio::test]
async fn no_answer_is_for_caches() {
    let shop = Shop::new().await;
    let staff = shop.client.of("staff");
    let answers = [
        (staff.post("/api/products", &apple()).await, 201),
        (staff.get("/api/products").await, 200),
        (staff.ask("HEAD", "/api/products/1", "").await, 200),
        (staff.get("/api/products/2").await, 404),
        (staff.ask("OPTIONS", "/api/products/1", "").await, 204),
        (shop.client.of("unknown").get("/api/products/1").await, 401),
        (staff.delete("/api/products/1").await, 204),
        (staff.get("/openapi.json").await, 200),
    ];
    for (answer, status) in answers {
        assert_eq!(answer.status, status, "{answer:?}");
        assert_eq!(
            answer.header("cache-control"),
            Some("no-store"),
            "{answer:?}"
        );
    }
}
