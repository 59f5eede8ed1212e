//! What Kui's page promises.

use serde_json::{Value, json};
use sockeye::RawMessage;
use sockeye::testing::TestServer;

use crate::routes;

fn server() -> TestServer {
    TestServer::new(routes())
}

#[tokio::test]
async fn a_function_echoes_json_from_text_and_bytes_until_the_peer_leaves() {
    let server = server();
    let mut client = server.connect("/echo").await;
    client.send_json(&json!({ "a": [1, null] }));
    assert_eq!(
        client.receive_json::<Value>().await,
        json!({ "a": [1, null] })
    );
    client.send_bytes(&b"[2]"[..]);
    assert_eq!(client.receive_json::<Value>().await, json!([2]));
    client.send_text("{");
    client.assert_closed(1003).await;
}

#[tokio::test]
async fn the_encoding_of_a_view_decides_what_it_takes() {
    let server = server();
    let binary = || RawMessage::Binary(vec![1].into());
    let text = || RawMessage::Text("{}".to_owned());
    for (view, message, taken) in [
        ("/text", text(), true),
        ("/text", RawMessage::Text(String::new()), true),
        ("/text", binary(), false),
        ("/bytes", binary(), true),
        ("/bytes", text(), false),
        ("/json", text(), true),
        ("/json", binary(), false),
        ("/anystr", text(), true),
        ("/anystr", binary(), true),
    ] {
        let mut client = server.connect(view).await;
        assert_eq!(client.receive_text().await, "welcome");
        client.send(message.clone());
        match taken {
            true => assert_eq!(client.receive().await, message, "{view}"),
            false => drop(client.assert_closed(1003).await),
        }
    }
}

#[tokio::test]
async fn a_view_may_refuse_or_choose_a_subprotocol() {
    let server = server();
    let refused = server.client("/text?refuse").try_connect().await;
    assert_eq!(refused.unwrap_err().status, 403);
    let client = server.client("/text").subprotocol("kui").connect().await;
    assert_eq!(client.subprotocol(), Some("kui"));
}

#[tokio::test]
async fn the_socket_has_the_attributes_of_its_request() {
    let server = server();
    let client = server.client("/attributes/7?name=Bob&search=a&search=b%20c");
    let client = client.header("x-tag", "one").header("x-tag", "two");
    let mut client = client.cookie("mycookie", "42").connect().await;
    let mut facts = client.receive_json::<Value>().await;
    assert_eq!(facts["client"]["host"], "127.0.0.1");
    assert!(facts["client"]["port"].take().is_u64());
    assert_eq!(facts["url"]["path"], "/attributes/7");
    assert_eq!(facts["url"]["scheme"], "ws");
    assert_eq!(facts["path_params"], json!({ "id": 7 }));
    assert_eq!(facts["headers"], json!(["one", "two"]));
    assert_eq!(facts["query_params"], json!(["a", "b c"]));
    assert_eq!(facts["cookies"], json!({ "mycookie": "42" }));
    assert_eq!(facts["state"], "Bob");
    let after = client.receive_json::<Value>().await;
    assert_eq!(after, json!({ "removed": "Bob", "left": null }));
    assert_eq!(client.assert_closed(1000).await, "that is all");
}
