//! What Pylight's page promises.

use serde_json::{Value, json};
use sockeye::testing::TestServer;

use crate::{CONFIGURATION, routes};

fn server() -> TestServer {
    TestServer::new(routes(&CONFIGURATION).unwrap())
}

#[tokio::test]
async fn the_default_handler_tells_what_it_received() {
    let server = server();
    let mut client = server.connect("/ws/products").await;
    client.send_text("hi");
    let answer = client.receive_json::<Value>().await;
    assert_eq!(answer, json!({ "message": "Received", "data": "hi" }));
}

#[tokio::test]
async fn a_handler_of_ones_own_sends_text_and_values() {
    let server = server();
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

#[test]
fn a_configuration_that_names_no_handler_is_refused_when_it_is_read() {
    let error = routes(&[("products", Some("fancy"))]).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("/ws/products") && text.contains("custom, fragile"),
        "{text}"
    );
}

#[tokio::test]
async fn an_error_ends_its_own_connection_and_no_other() {
    let server = server();
    let mut bystander = server.connect("/ws/payments").await;

    let mut client = server.connect("/ws/payments?fail").await;
    assert_eq!(client.assert_closed(1011).await, "internal error");

    let mut client = server.connect("/ws/payments").await;
    client.send_text("fail");
    client.assert_closed(1011).await;

    bystander.send_text("fine");
    assert_eq!(bystander.receive_json::<Value>().await, json!("fine"));
}
