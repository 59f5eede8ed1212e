//! MessagePack beside JSON: members of one group, each in the encoding that its subprotocol says.

use serde_json::{Value, json};
use sockeye::{Context, GroupName, Handler, Json, Message, Result, Router, endpoint};

use crate::harness::{Client, Running, Wire, serve};

#[derive(Message)]
enum FromClient {
    Say { text: String },
    Whisper { text: String },
}

#[derive(Message)]
#[message(outgoing)]
enum ToClient {
    Said { text: String },
    Whispered { text: String, tags: Vec<u8> },
}

#[derive(Message)]
#[message(outgoing, marked)]
struct Noted {
    text: String,
}

struct Room;

impl Handler for Room {
    type Incoming = FromClient;
    type Outgoing = ToClient;

    fn groups(&self, _: &Context<Self>) -> Result<Vec<GroupName>> {
        Ok(vec![GroupName::new(["room"])?])
    }

    async fn on_message(&mut self, cx: &mut Context<Self>, message: FromClient) -> Result<()> {
        match message {
            FromClient::Say { text } => cx.broadcast(ToClient::Said { text }),
            FromClient::Whisper { text } => {
                let tags = vec![1, 2];
                cx.reply(ToClient::Whispered { text, tags })
            }
        }
    }
}

async fn room() -> (Running, Client, Client) {
    let room = endpoint(|| Room).subprotocols(["msgpack", "json"]);
    let server = serve(Router::new().route("/", room)).await;
    let packed = [("sec-websocket-protocol", "msgpack")];
    let packed = server.try_connect("/", &packed).await.ok().unwrap();
    let plain = [("sec-websocket-protocol", "json")];
    let plain = server.try_connect("/", &plain).await.ok().unwrap();
    (server, packed, plain)
}

fn pack(value: &Value) -> Wire {
    Wire::binary(rmp_serde::to_vec_named(value).unwrap())
}

async fn unpacked(client: &mut Client) -> Value {
    match client.frame().await {
        Some(Wire::Binary(bytes)) => rmp_serde::from_slice(&bytes).unwrap(),
        other => panic!("expected MessagePack, found {other:?}"),
    }
}

#[tokio::test]
async fn members_of_one_group_get_each_its_own_encoding_in_the_same_order() {
    let (server, mut packed, mut plain) = room().await;
    for number in 0..20 {
        let message = json!({ "action": "say", "payload": { "text": number.to_string() } });
        match number % 2 {
            0 => packed.send(pack(&message)).await,
            _ => plain.send(message.to_string()).await,
        }
        let said = json!({ "action": "said", "payload": { "text": number.to_string() } });
        assert_eq!(unpacked(&mut packed).await, said);
        assert_eq!(plain.json().await, said);
    }
    let group = server.hub.group("room").unwrap();
    group
        .notify(Noted {
            text: "event".into(),
        })
        .unwrap();
    let noted = json!({ "action": "noted", "payload": { "text": "event" } });
    assert_eq!(unpacked(&mut packed).await, noted);
    assert_eq!(plain.json().await, noted);
    group.broadcast(Noted { text: "x".into() }).unwrap();
    let noted = json!({ "action": "noted", "payload": { "text": "x" }, "is_mine": false, "is_current": false });
    assert_eq!(unpacked(&mut packed).await, noted);
    assert_eq!(plain.json().await, noted);
}

#[tokio::test]
async fn replies_and_error_frames_are_in_the_encoding_of_their_connection() {
    let (_server, mut packed, mut plain) = room().await;
    let message = json!({ "action": "whisper", "payload": { "text": "hi" } });
    let reply = json!({ "action": "whispered", "payload": { "text": "hi", "tags": [1, 2] } });
    packed.send(pack(&message)).await;
    assert_eq!(unpacked(&mut packed).await, reply);
    plain.send(message.to_string()).await;
    assert_eq!(plain.json().await, reply);
    packed.send(Wire::binary(vec![0xc1])).await;
    let error = unpacked(&mut packed).await;
    assert_eq!(error["action"], "error", "{error}");
    packed.send(r#"{"action":"whisper"}"#).await;
    let error = unpacked(&mut packed).await;
    assert_eq!(error["payload"]["code"], 400, "{error}");
}

#[tokio::test]
async fn what_is_no_typed_message_stays_as_it_is() {
    let (server, mut packed, _plain) = room().await;
    let group = server.hub.group("room").unwrap();
    group.broadcast(Json(json!([1, 2]))).unwrap();
    assert_eq!(packed.json().await, json!([1, 2]));
}
