//! What Pylight's page promises.

use sea_orm::Set;
use serde_json::{Value, json};
use sockeye::testing::TestServer;
use sockeye_live::connect;

use crate::{FILE, customer, make_tables, models};

async fn server() -> TestServer {
    let database = connect("sqlite::memory:").await.unwrap();
    make_tables(&database).await.unwrap();
    let live = models(&database, FILE).unwrap().start().await.unwrap();
    let mut writer = live.writer().await.unwrap();
    let ada = customer::ActiveModel {
        name: Set("Ada".to_owned()),
        ..Default::default()
    };
    writer.insert(ada).await.unwrap();
    writer.commit().await.unwrap();
    TestServer::new(live.routes())
}

#[tokio::test]
async fn p1_every_model_of_the_file_has_its_endpoint() {
    let server = server().await;
    for table in ["products", "orders", "payments", "customers"] {
        server.connect(&format!("/ws/{table}")).await;
    }
}

#[tokio::test]
async fn p2_a_handler_asks_the_database_for_rows_of_its_model() {
    let server = server().await;
    let mut client = server.connect("/ws/customers").await;
    client.send_text("Ada");
    assert_eq!(client.receive_json::<Value>().await, json!({ "result": 1 }));
    client.send_text("Eve");
    assert_eq!(
        client.receive_json::<Value>().await,
        json!({ "result": null })
    );
}

#[tokio::test]
async fn p3_the_default_handler_tells_what_it_received() {
    let server = server().await;
    let mut client = server.connect("/ws/products").await;
    client.send_text("hi");
    let answer = client.receive_json::<Value>().await;
    assert_eq!(answer, json!({ "message": "Received", "data": "hi" }));
}

#[tokio::test]
async fn p4_a_handler_of_ones_own_sends_text_and_values() {
    let server = server().await;
    let mut client = server.connect("/ws/orders").await;
    let first = client.receive_json::<Value>().await;
    assert_eq!(first, json!({ "status": "connected" }));
    client.send_text("[1, 2]");
    assert_eq!(client.receive_text().await, "Hello, client!");
    assert_eq!(
        client.receive_json::<Value>().await,
        json!({ "echo": [1, 2] })
    );
}

async fn refused(file: &str) -> String {
    let database = connect("sqlite::memory:").await.unwrap();
    models(&database, file).unwrap_err().to_string()
}

#[tokio::test]
async fn p5_a_file_that_names_no_handler_of_the_model_is_refused() {
    assert_eq!(
        refused("[models.orders]\nhandler = 'fancy'").await,
        "cannot configure the model `orders`: found handler \"fancy\", expected `custom`"
    );
    assert_eq!(
        refused("[models.products]\nhandler = 'custom'").await,
        "cannot configure the model `products`: found handler \"custom\", which serves `orders`, expected a handler of `products`"
    );
    assert_eq!(
        refused("[models.product]").await,
        "cannot configure the model `product`: the program offers no such model, \
         expected one of `customers`, `orders`, `payments`, `products`"
    );
}

#[tokio::test]
async fn p6_an_error_ends_its_own_connection_and_no_other() {
    let server = server().await;
    let mut bystander = server.connect("/ws/payments").await;

    let mut client = server.connect("/ws/payments?fail").await;
    assert_eq!(client.assert_closed(1011).await, "internal error");

    let mut client = server.connect("/ws/payments").await;
    client.send_text("fail");
    client.assert_closed(1011).await;

    bystander.send_text("fine");
    assert_eq!(bystander.receive_json::<Value>().await, json!("fine"));
}
