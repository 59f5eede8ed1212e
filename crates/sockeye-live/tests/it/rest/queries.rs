//! Lists: pages, orders and filters.

use serde_json::{Value, json};

use crate::rest::client::Client;
use crate::rest::shop::everywhere;

async fn fill(client: &Client) {
    let staff = client.of("staff");
    for (name, price, weight) in [
        ("apple", 3, json!(0.5)),
        ("bread", 3, json!(null)),
        ("Cherry", 1, json!(0.01)),
        ("date", 9, json!(null)),
    ] {
        let row = json!({"name": name, "price": price, "weight": weight, "kind": if name == "bread" { "bread" } else { "fruit" }});
        staff.post("/api/products", &row).await.json(201);
    }
}

async fn names(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(&format!("/api/products{query}")).await.json(200);
    let items = page["items"].as_array().unwrap().iter();
    items
        .map(|item| item["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_are_sorted_filtered_and_paged() {
    for shop in everywhere().await {
        let client = &shop.client;
        fill(client).await;
        for (query, expected) in [
            ("", "apple bread Cherry date"),
            ("?sort=-price,-id", "date bread apple Cherry"),
            // Equal ones are in the order of their keys; null is after everything.
            ("?sort=price", "Cherry apple bread date"),
            ("?sort=weight", "Cherry apple bread date"),
            ("?sort=-weight", "bread date apple Cherry"),
            ("?limit=2&offset=1", "bread Cherry"),
            ("?offset=9", ""),
            ("?price[gte]=3&price[lt]=9", "apple bread"),
            ("?name=apple", "apple"),
            ("?name[in]=apple,date", "apple date"),
            ("?name[contains]=e&kind=fruit", "apple Cherry date"),
            ("?weight[null]=true", "bread date"),
            ("?name=%27%20OR%201%3D1%20--", ""),
        ] {
            assert_eq!(names(client, query).await.join(" "), expected, "{query}");
        }
        let page = client
            .get("/api/products?kind=fruit&limit=2")
            .await
            .json(200);
        let counted: Vec<&Value> = ["total", "limit", "offset"]
            .iter()
            .map(|name| &page[*name])
            .collect();
        assert_eq!(counted, [&json!(3), &json!(2), &json!(0)]);
        let uncounted = client.get("/api/products?limit=2&total=false").await;
        let uncounted = uncounted.json(200);
        assert_eq!(uncounted["items"].as_array().unwrap().len(), 2);
        assert!(uncounted.get("total").is_none(), "{uncounted}");
        let faults = client.get("/api/products?total=no").await.faults(422);
        assert!(faults.contains("expected true or false"), "{faults}");
        let past = client
            .get("/api/products?kind=fruit&offset=50")
            .await
            .json(200);
        assert_eq!(past["total"], 3);
    }
}
