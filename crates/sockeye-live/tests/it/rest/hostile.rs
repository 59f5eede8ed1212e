//! Hostile input: each is refused with its reason, and the database stays as it was.

use sea_orm::{EntityTrait, QueryOrder};
use serde_json::json;

use crate::rest::client::Client;
use crate::rest::models::product;
use crate::rest::shop::{Shop, everywhere};

async fn rows(shop: &Shop) -> Vec<product::Model> {
    let rows = product::Entity::find().order_by_asc(product::Column::Id);
    rows.all(&shop.database).await.unwrap()
}

async fn filled() -> [Shop; 2] {
    let shops = everywhere().await;
    for shop in &shops {
        let row = json!({"name": "apple", "price": 3, "kind": "fruit"});
        shop.client
            .of("staff")
            .post("/api/products", &row)
            .await
            .json(201);
    }
    shops
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queries_that_cannot_be_used_are_refused_with_the_reason() {
    let many: String = (0..20)
        .map(|number| format!("&price[ne]={number}"))
        .collect();
    let values = format!("price[in]={}", vec!["1"; 101].join(","));
    let pairs = "a=1&".repeat(300);
    let cases = [
        ("nosuch=1", "unknown column"),
        ("cost=1", "unknown column"),
        ("price[like]=1", "unknown operator"),
        ("price[]=1", "unknown operator"),
        ("price[lt=1", "unknown column"),
        (
            "price=1%3B%20DROP%20TABLE%20products",
            "expected a whole number",
        ),
        ("price=1e400", "expected a whole number"),
        ("price=99999999999999999999", "expected a whole number"),
        ("id%20OR%201%3D1=1", "unknown column"),
        ("%22id%22%3B--=1", "unknown column"),
        ("kind=wood", "expected one of fruit, bread"),
        ("weight=nothing", "expected a number"),
        ("note=%00", "NUL"),
        ("picture=%25%25", "expected bytes"),
        ("more=1", "JSON"),
        ("sort=nosuch", "unknown column"),
        ("sort=price%3B--", "unknown column"),
        ("sort=(select%201)", "unknown column"),
        ("sort=", "unknown column"),
        ("sort=more", "has no order"),
        ("sort=id,id", "twice"),
        ("sort=price&sort=id", "twice"),
        ("limit=0", "from 1 to 500"),
        ("limit=501", "from 1 to 500"),
        ("limit=-1", "from 1 to 500"),
        ("limit=1e3", "from 1 to 500"),
        ("limit=99999999999999999999999", "from 1 to 500"),
        ("limit=1&limit=2", "twice"),
        ("offset=100001", "from 0 to 100000"),
        ("offset=-1", "from 0 to 100000"),
        ("offset=x", "from 0 to 100000"),
        (&*many, "at most 16"),
        (&*values, "at most 100"),
        (&*pairs, "pairs"),
    ];
    for shop in filled().await {
        for (query, why) in cases {
            let answer = shop.client.get(&format!("/api/products?{query}")).await;
            let faults = answer.faults(422);
            assert!(faults.contains(why), "{query}: {faults}");
        }
        let answer = shop.client.get("/api/products/1?price=1").await;
        assert!(
            answer.faults(422).contains("takes no parameters"),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn keys_that_no_row_can_have_are_not_found() {
    let long = "9".repeat(2000);
    let keys = [
        "x",
        "1.0",
        "01x",
        "1,2",
        "-",
        "%00",
        "%ff",
        "1%20OR%201=1",
        "1;DROP%20TABLE%20products",
        "'1'",
        "99999999999",
        "..%2f1",
        &long,
    ];
    for shop in filled().await {
        for key in keys {
            let path = format!("/api/products/{key}");
            // What is no text at all does not get as far as the models.
            assert_eq!(shop.client.get(&path).await.status, 404, "{key}");
            assert_eq!(
                shop.client.of("staff").delete(&path).await.status,
                404,
                "{key}"
            );
        }
        assert_eq!(rows(&shop).await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_that_are_no_row_are_refused_with_the_reason() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_value = format!(r#"{{"more":{deep}}}"#);
    let long = format!(r#"{{"name":"{}"}}"#, "x".repeat(41));
    let cases = [
        ("", 400, "no JSON"),
        ("{", 400, "no JSON"),
        ("{\"name\":\"\u{1}\"}", 400, "no JSON"),
        (r#"{"name":"\ud800"}"#, 400, "no JSON"),
        ("null", 400, "expected an object"),
        ("[]", 400, "expected an object"),
        ("\"text\"", 400, "expected an object"),
        (&*deep, 400, "no JSON"),
        (&*deep_value, 400, "no JSON"),
        (
            r#"{"nosuch":1}"#,
            422,
            "extra_forbidden nosuch: unknown column",
        ),
        (r#"{"cost":1}"#, 422, "extra_forbidden cost: unknown column"),
        (r#"{"name; DROP TABLE products":1}"#, 422, "unknown column"),
        (r#"{"id":5}"#, 422, "id: "),
        (r#"{"name":1}"#, 422, "type_error name"),
        (r#"{"name":null}"#, 422, "value_error name: null"),
        (r#"{"name":["apple"]}"#, 422, "type_error name"),
        (r#"{"name":{"$ne":""}}"#, 422, "type_error name"),
        (r#"{"name":"\u0000"}"#, 422, "NUL"),
        (&*long, 422, "41 characters"),
        (r#"{"price":"3"}"#, 422, "type_error price"),
        (r#"{"price":3.5}"#, 422, "type_error price"),
        (r#"{"price":9223372036854775808}"#, 422, "type_error price"),
        (r#"{"price":true}"#, 422, "type_error price"),
        (r#"{"weight":1e999}"#, 400, "no JSON"),
        (r#"{"weight":"NaN"}"#, 422, "type_error weight"),
        (r#"{"listed":1}"#, 422, "type_error listed"),
        (r#"{"kind":"wood"}"#, 422, "type_error kind"),
        (r#"{"picture":"no base64!"}"#, 422, "type_error picture"),
        (r#"{"more":{"a":"\u0000"}}"#, 422, "NUL"),
    ];
    for shop in filled().await {
        let staff = shop.client.of("staff");
        let before = rows(&shop).await;
        for (body, status, why) in cases {
            refused(&staff, body, status, why).await;
        }
        let empty = staff.post("/api/products", &json!({})).await.faults(422);
        let missing: Vec<_> = empty
            .split("; ")
            .filter_map(|fault| fault.split(':').next())
            .collect();
        assert_eq!(missing, ["missing name", "missing price", "missing kind"]);
        assert_eq!(rows(&shop).await, before);
    }
}

/// Sends a body to all that take one.
async fn refused(staff: &Client, body: &str, status: u16, why: &str) {
    let taking = [
        ("POST", "/api/products"),
        ("PUT", "/api/products/1"),
        ("PATCH", "/api/products/1"),
    ];
    for (method, path) in taking {
        let answer = staff.ask(method, path, body).await;
        let faults = answer.faults(status);
        assert!(faults.contains(why), "{method} {body:.80}: {faults}");
    }
}

#[tokio::test]
async fn bodies_of_other_forms_and_sizes_are_refused() {
    let shop = Shop::new().await;
    let staff = shop.client.of("staff");
    let huge = format!(r#"{{"note":"{}"}}"#, "x".repeat(256 * 1024));
    staff.ask("POST", "/api/products", &huge).await.faults(413);
    let row = r#"{"name":"apple","price":3,"kind":"fruit"}"#;
    // What a form on another site could send.
    for form in [
        "",
        "content-type: text/plain\r\n",
        "content-type: application/x-www-form-urlencoded\r\n",
    ] {
        staff
            .send("POST", "/api/products", form, row)
            .await
            .faults(415);
    }
    let merge = "content-type: application/merge-patch+json\r\n";
    staff
        .send("POST", "/api/products", merge, row)
        .await
        .faults(415);
    assert!(rows(&shop).await.is_empty());
    let charset = "content-type: Application/JSON; charset=utf-8\r\n";
    staff
        .send("POST", "/api/products", charset, row)
        .await
        .json(201);
    staff
        .send("PATCH", "/api/products/1", merge, r#"{"price":4}"#)
        .await
        .json(200);
}
