//! What a client is told of a message that failed.

use serde_json::{Value, json};
use sockeye::{OnError, Options};

use crate::contracts::methods::routes;
use crate::harness::{Client, Log, serve};

async fn error(client: &mut Client, message: Value) -> Value {
    client.send(message.to_string()).await;
    let told = client.json().await;
    assert_eq!(told["action"], "error", "{told}");
    told
}

#[tokio::test]
async fn c9_a_handlers_error_becomes_a_frame_that_names_the_action() {
    let server = serve(routes(Options::default())).await;
    let mut client = server.connect("/a").await;
    let told = error(&mut client, json!({ "action": "refused", "ref": "1" })).await;
    assert_eq!(told["ref"], "1");
    let payload = &told["payload"];
    assert_eq!(payload["code"], 409);
    assert_eq!(payload["message"], "not twice");
    assert_eq!(payload["action"], "refused");
    let told = error(&mut client, json!({ "action": "refused" })).await;
    assert!(told.get("ref").is_none(), "{told}");
    client.send(json!({ "action": "reply" }).to_string()).await;
    assert_eq!(
        client.json().await["action"],
        "said",
        "the connection stays"
    );
}

#[tokio::test]
async fn c9_internals_never_leak() {
    let log = Log::catch();
    let server = serve(routes(Options::default())).await;
    let mut client = server.connect("/a").await;
    let told = error(&mut client, json!({ "action": "broken" })).await;
    let payload = &told["payload"];
    assert_eq!(
        (&payload["code"], &payload["message"]),
        (&json!(500), &json!("internal error"))
    );
    assert!(!told.to_string().contains("disk"), "{told}");
    let id = payload["id"].as_str().unwrap();
    assert_eq!(log.lines(&[id, "the disk is full"]).len(), 1);
}

#[tokio::test]
async fn c8_faults_are_listed_with_their_place_and_the_reference_comes_back() {
    let server = serve(routes(Options::default())).await;
    let mut client = server.connect("/a").await;
    let message = json!({ "action": "say", "payload": { "text": 7 }, "ref": "9" });
    let told = error(&mut client, message).await;
    assert_eq!(
        (&told["payload"]["code"], &told["ref"]),
        (&json!(422), &json!("9"))
    );
    let fault = &told["payload"]["errors"][0];
    assert_eq!(fault["type"], "type_error");
    assert_eq!(fault["loc"], json!(["payload", "text"]));
    assert!(fault["msg"].is_string());
    let told = error(&mut client, json!({ "action": "unheard of", "ref": "10" })).await;
    assert_eq!(
        (&told["payload"]["code"], &told["ref"]),
        (&json!(400), &json!("10"))
    );
    assert_eq!(told["payload"]["errors"][0]["type"], "union_tag_invalid");
    assert!(told["payload"].get("id").is_none(), "the text says it all");
}

#[tokio::test]
async fn c7_errors_are_written_with_the_keys_of_the_endpoint() {
    let mut options = Options::default();
    options.wire.action_key = "type".into();
    options.wire.payload_key = "data".into();
    let server = serve(routes(options)).await;
    let mut client = server.connect("/a").await;
    client.send(r#"{"type":"refused","ref":"1"}"#).await;
    let told = client.json().await;
    assert_eq!(
        (&told["type"], &told["data"]["code"], &told["ref"]),
        (&json!("error"), &json!(409), &json!("1"))
    );
    client.send(r#"{"action":"refused"}"#).await;
    let told = client.json().await;
    assert_eq!(
        (&told["type"], &told["data"]["code"]),
        (&json!("error"), &json!(400))
    );
    client.send(r#"{"type":"reply"}"#).await;
    assert_eq!(
        client.json().await,
        json!({ "type": "said", "data": { "text": "reply" } })
    );
}

#[tokio::test]
async fn a4_an_endpoint_may_close_on_errors_instead() {
    let mut options = Options::default();
    options.on_error = OnError::Close;
    let server = serve(routes(options)).await;
    for (message, code, reason) in [
        (r#"{"action":"refused"}"#, 4409, "not twice"),
        (r#"{"action":"broken"}"#, 1011, "internal error"),
    ] {
        let mut client = server.connect("/a").await;
        client.send(message).await;
        assert_eq!(
            client.closed().await,
            Some((code, reason.to_owned())),
            "{message}"
        );
    }
    let mut client = server.connect("/a").await;
    client.send("no JSON").await;
    assert_eq!(client.closed().await.map(|(code, _)| code), Some(1003));
}

#[tokio::test]
async fn a4_a_panic_ends_the_connection_whatever_the_policy() {
    let server = serve(routes(Options::default())).await;
    let mut client = server.connect("/a").await;
    client.send(r#"{"action":"panic","ref":"1"}"#).await;
    assert_eq!(client.closed().await.map(|(code, _)| code), Some(1011));
    server.empty().await;
}
