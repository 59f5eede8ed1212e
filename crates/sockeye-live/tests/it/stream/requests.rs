//! Requests that cannot be met: each is answered with its reason, and touches nothing.

use serde_json::{Value, json};
use sockeye_live::Models;

use crate::harness::entities::product;
use crate::harness::{Base, House, Socket};

async fn refused(client: &mut Socket) -> (i64, String) {
    let answer = client.json().await;
    assert_eq!(answer["action"], "error", "{answer}");
    let payload = &answer["payload"];
    (payload["code"].as_i64().unwrap(), payload.to_string())
}

async fn house(base: &Base) -> House {
    let hide = [product::Column::Cost];
    let models = Models::new(&base.database);
    House::of(models.model::<product::Entity>(|products| products.hide(hide))).await
}

#[tokio::test]
async fn filters_that_make_no_sense_are_refused_with_the_reason() {
    let base = Base::sqlite().await;
    let house = house(&base).await;
    let mut client = house.watch("products").await;
    let endless: Vec<Value> = (0..101).map(Value::from).collect();
    let table = [
        (json!({ "colour": "red" }), "colour"),
        (json!({ "cost": 3 }), "cost"),
        (json!({ "price": "three" }), "price"),
        (json!({ "price": { "like": "%" } }), "like"),
        (json!({ "price": 1e99 }), "price"),
        (json!({ "price": { "in": endless } }), "100"),
        (json!({ "name": { "lt": { "deep": [] } } }), "name"),
        (json!({ "name; DROP TABLE products": "x" }), "DROP TABLE"),
    ];
    for (filter, named) in table {
        client.ask("products", json!({ "filter": filter })).await;
        let (code, text) = refused(&mut client).await;
        assert!(
            (400..500).contains(&code) && text.contains(named),
            "{filter}: {code} {text}"
        );
    }
    // What is no column and what one may not see are told in the same words.
    let mut told = Vec::new();
    for column in ["cost", "abcd"] {
        client
            .ask("products", json!({ "filter": { column: 1 } }))
            .await;
        told.push(refused(&mut client).await.1.replace(column, "it"));
    }
    assert_eq!(told[0], told[1]);
    // An injection is a text like any other.
    let text = json!({ "filter": { "name": "x' OR '1'='1" }, "rows": true });
    client.subscribe("products", text).await;
    assert_eq!(client.json().await["data"], json!([]));
}

#[tokio::test]
async fn requests_of_another_form_are_refused_or_for_the_handler() {
    let base = Base::sqlite().await;
    let house = house(&base).await;
    let mut client = house.watch("products").await;
    for (text, code) in [
        (r#"{"action":"subscribe","resource":"orders"}"#, 404),
        (r#"{"action":"subscribe","payload":[]}"#, 400),
        (r#"{"action":"subscribe","payload":{"filter":7}}"#, 400),
        (r#"{"action":"subscribe","payload":{"rows":"yes"}}"#, 400),
        (r#"{"action":"subscribe","payload":{"limit":3}}"#, 400),
    ] {
        client.send(text).await;
        assert_eq!(refused(&mut client).await.0, code, "{text}");
    }
    let deep = format!(
        r#"{{"action":"subscribe","payload":{}1{}}}"#,
        "[".repeat(200),
        "]".repeat(200)
    );
    client.send(deep).await;
    assert_eq!(refused(&mut client).await.0, 400);
    client.send(r#"{"action":"unsubscribe"}"#).await;
    assert_eq!(client.json().await["action"], "unsubscribed");
}
