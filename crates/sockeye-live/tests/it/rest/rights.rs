//! Rights: who may do what, which rows are whose, and which columns nobody sees or writes.

use serde_json::json;

use crate::rest::shop::{Shop, everywhere};

#[tokio::test]
async fn permissions_are_asked_per_operation() {
    let shop = Shop::new().await;
    let row = json!({"name": "apple", "price": 3, "kind": "fruit"});
    let anybody = shop.client.post("/api/products", &row).await;
    assert_eq!(anybody.header("www-authenticate"), Some("Bearer"));
    anybody.faults(401);
    shop.client
        .of("ann")
        .post("/api/products", &row)
        .await
        .faults(403);
    shop.client
        .of("staff")
        .post("/api/products", &row)
        .await
        .json(201);
    shop.client.get("/api/products/1").await.json(200);
    shop.client
        .of("ann")
        .delete("/api/products/1")
        .await
        .faults(403);
    let unknown = shop.client.of("unknown").get("/api/products/1").await;
    assert_eq!(unknown.header("www-authenticate"), Some("Bearer"));
    unknown.faults(401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_others_are_not_there() {
    for shop in everywhere().await {
        let (ann, bob, staff) = (
            shop.client.of("ann"),
            shop.client.of("bob"),
            shop.client.of("staff"),
        );
        staff
            .post(
                "/api/products",
                &json!({"name": "apple", "price": 3, "kind": "fruit"}),
            )
            .await
            .json(201);
        let order = |owner: &str| json!({"owner": owner, "product_id": 1, "pieces": 1});
        ann.post("/api/orders", &order("ann")).await.json(201);
        bob.post("/api/orders", &order("bob")).await.json(201);

        for path in ["/api/orders/2", "/api/orders/99"] {
            ann.get(path).await.faults(404);
            ann.patch(path, &json!({"pieces": 9})).await.faults(404);
            ann.put(path, &order("ann")).await.faults(404);
            ann.delete(path).await.faults(404);
        }
        assert_eq!(ann.get("/api/orders").await.json(200)["total"], 1);
        assert_eq!(ann.get("/api/orders?owner=bob").await.json(200)["total"], 0);
        assert_eq!(staff.get("/api/orders").await.json(200)["total"], 2);
        shop.client.get("/api/orders").await.faults(401);

        // Nobody gives away what would then be out of sight, nor makes it.
        ann.post("/api/orders", &order("bob")).await.faults(403);
        ann.patch("/api/orders/1", &json!({"owner": "bob"}))
            .await
            .faults(403);
        assert_eq!(ann.get("/api/orders/1").await.json(200)["owner"], "ann");
        assert_eq!(bob.get("/api/orders").await.json(200)["total"], 1);
        staff
            .patch("/api/orders/1", &json!({"owner": "bob"}))
            .await
            .json(200);
        ann.get("/api/orders/1").await.faults(404);
    }
}

#[tokio::test]
async fn hidden_columns_are_not_there_and_read_only_ones_stay() {
    let shop = Shop::new().await;
    let staff = shop.client.of("staff");
    let row = |extra: &str| json!({"name": "apple", "price": 3, "kind": "fruit", extra: 1});
    let hidden = staff.post("/api/products", &row("cost")).await.faults(422);
    let unknown = staff.post("/api/products", &row("coal")).await.faults(422);
    assert_eq!(hidden.replace("cost", "coal"), unknown);
    let sold = staff.post("/api/products", &row("sold")).await;
    assert_eq!(
        sold.faults(422),
        "extra_forbidden sold: this column is read only"
    );
    staff
        .post(
            "/api/products",
            &json!({"name": "apple", "price": 3, "kind": "fruit"}),
        )
        .await
        .json(201);
    let shown = shop.client.get("/api/products/1").await.json(200);
    assert!(shown.get("cost").is_none() && shown["sold"] == 0, "{shown}");
    for query in ["cost=7", "sort=cost", "cost[null]=true", "sort=-cost,id"] {
        shop.client
            .get(&format!("/api/products?{query}"))
            .await
            .faults(422);
    }
}

#[tokio::test]
async fn who_may_write_and_not_read_gets_no_rows() {
    let shop = Shop::new().await;
    let blind = shop.client.of("staff-blind");
    let made = blind
        .post(
            "/api/products",
            &json!({"name": "apple", "price": 3, "kind": "fruit"}),
        )
        .await;
    assert_eq!((made.status, made.body.as_str()), (201, ""));
    let changed = blind.patch("/api/products/1", &json!({"price": 4})).await;
    assert_eq!((changed.status, changed.body.as_str()), (204, ""));
    blind.get("/api/products/1").await.faults(403);
}

#[tokio::test]
async fn rights_are_asked_again_when_the_body_is_there() {
    let shop = Shop::new().await;
    let row = json!({"name": "apple", "price": 3, "kind": "fruit"});
    let leaving = shop.client.of("staff-leaving");
    leaving.post("/api/products", &row).await.faults(403);
    assert_eq!(shop.client.get("/api/products").await.json(200)["total"], 0);
}
