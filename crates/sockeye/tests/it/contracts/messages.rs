//! Typed messages of trait handlers over real sockets: what Chanx promises of them.

use serde_json::{Value, json};
use sockeye::{Context, Handler, Message, Options, Result, Router, endpoint};

use crate::harness::{Client, Running, Wire, serve};
use crate::messages::malformed::{Taken, kinds};

#[derive(Message)]
#[message(incoming)]
#[serde(deny_unknown_fields)]
enum FromClient {
    Hello,
    Say { user_name: String, text: String },
    Numbers(Vec<u32>),
}

#[derive(Message)]
#[message(outgoing)]
enum ToClient {
    Hello,
    Said { user_name: String, text: String },
    Sum(u32),
}

struct Chat;

impl Handler for Chat {
    type Incoming = FromClient;
    type Outgoing = ToClient;

    async fn on_message(&mut self, cx: &mut Context<Self>, message: FromClient) -> Result<()> {
        cx.reply(match message {
            FromClient::Hello => ToClient::Hello,
            FromClient::Say { user_name, text } => ToClient::Said { user_name, text },
            FromClient::Numbers(numbers) => ToClient::Sum(numbers.iter().sum()),
        })
    }
}

struct Strict;

impl Handler for Strict {
    type Incoming = Taken;
    type Outgoing = ToClient;

    async fn on_message(&mut self, cx: &mut Context<Self>, _: Taken) -> Result<()> {
        cx.reply(ToClient::Hello)
    }
}

async fn chat(options: Options) -> (Running, Client) {
    let server = serve(Router::new().route("/chat", endpoint(|| Chat).options(options))).await;
    let client = server.connect("/chat").await;
    (server, client)
}

async fn answer(client: &mut Client, text: &str) -> Value {
    client.send(text.to_owned()).await;
    client.json().await
}

async fn still_there(client: &mut Client) {
    let hello = answer(client, r#"{"action":"hello"}"#).await;
    assert_eq!(hello, json!({ "action": "hello" }));
}

#[tokio::test]
async fn c7_messages_are_types_with_an_action_and_a_payload() {
    let (_server, mut client) = chat(Options::default()).await;
    still_there(&mut client).await;
    let text = r#"{"action":"say","payload":{"user_name":"ann","text":"hi"},"ref":"1"}"#;
    let said =
        json!({ "action": "said", "payload": { "user_name": "ann", "text": "hi" }, "ref": "1" });
    assert_eq!(answer(&mut client, text).await, said);
    let sum = answer(&mut client, r#"{"payload":[1,2,3],"action":"numbers"}"#).await;
    assert_eq!(sum, json!({ "action": "sum", "payload": 6 }));
}

#[tokio::test]
async fn c7_the_keys_and_their_case_are_the_endpoints() {
    let mut options = Options::default();
    options.wire.action_key = "type".into();
    options.wire.payload_key = "data".into();
    options.wire.case = sockeye::Case::Camel;
    let (_server, mut client) = chat(options).await;
    let text = r#"{"type":"say","data":{"userName":"ann","text":"snake_case: userName"}}"#;
    let said =
        json!({ "type": "said", "data": { "userName": "ann", "text": "snake_case: userName" } });
    assert_eq!(answer(&mut client, text).await, said);
}

#[tokio::test]
async fn c7_a_message_without_its_action_is_an_error() {
    let (_server, mut client) = chat(Options::default()).await;
    for text in ["{}", r#"{"payload":null}"#] {
        let told = answer(&mut client, text).await;
        assert_eq!(told["action"], "error");
        assert_eq!(told["payload"]["code"], 400);
        assert_eq!(told["payload"]["errors"][0]["type"], "union_tag_not_found");
    }
    still_there(&mut client).await;
}

#[tokio::test]
async fn c8_every_kind_of_malformed_text_is_answered_and_the_connection_stays() {
    let server = serve(Router::new().route("/strict", endpoint(|| Strict))).await;
    let mut client = server.connect("/strict").await;
    for (name, text, kind) in kinds() {
        let told = answer(&mut client, &text).await;
        assert_eq!(told["action"], "error", "{name}: {told}");
        let fault = &told["payload"]["errors"][0];
        assert_eq!(fault["type"], kind, "{name}: {told}");
        assert!(
            fault["loc"].is_array() && fault["msg"].is_string(),
            "{name}: {told}"
        );
        assert!(told.to_string().len() < 5_000, "{name}: {told}");
        let pong = answer(&mut client, r#"{"action":"ping"}"#).await;
        assert_eq!(pong, json!({ "action": "hello" }), "{name}");
    }
}

#[tokio::test]
async fn c8_a_binary_frame_is_answered_and_the_connection_stays() {
    let (_server, mut client) = chat(Options::default()).await;
    client
        .send(Wire::binary(&br#"{"action":"hello"}"#[..]))
        .await;
    let told = client.json().await;
    assert_eq!(told["payload"]["errors"][0]["type"], "json_invalid");
    still_there(&mut client).await;
}

#[tokio::test]
async fn c8_a_fault_names_its_field() {
    let (_server, mut client) = chat(Options::default()).await;
    let told = answer(
        &mut client,
        r#"{"action":"numbers","payload":[1,"two"],"ref":"9"}"#,
    )
    .await;
    assert_eq!(told["payload"]["code"], 422);
    assert_eq!(told["payload"]["errors"][0]["loc"], json!(["payload", 1]));
    assert_eq!(told["ref"], "9");
}
