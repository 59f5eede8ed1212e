//! The same by MessagePack, which the client chooses by subprotocol.

use serde_json::{Value, json};
use sockeye::{Options, Router, endpoint};

use crate::contracts::methods::Room;
use crate::harness::{Client, Wire, serve};

async fn told(client: &mut Client) -> Value {
    match client.frame().await {
        Some(Wire::Binary(bytes)) => rmp_serde::from_slice(&bytes).unwrap(),
        other => panic!("expected a binary frame, found {other:?}"),
    }
}

#[tokio::test]
async fn c20_replies_errors_and_completions_carry_the_reference_in_messagepack_too() {
    let mut options = Options::default();
    options.completion = true;
    let room = endpoint(Room::default)
        .options(options)
        .subprotocols(["msgpack"]);
    let server = serve(Router::new().route("/{room}", room)).await;
    let offer = [("sec-websocket-protocol", "msgpack")];
    let mut client = server.try_connect("/a", &offer).await.expect("an upgrade");
    let complete = json!({ "action": "complete", "ref": "1" });
    for (action, caused) in [
        (
            "both",
            vec![
                json!({ "action": "said", "payload": { "text": "both" }, "ref": "1" }),
                json!({ "action": "news" }),
            ],
        ),
        ("ping", vec![json!({ "action": "pong", "ref": "1" })]),
        ("nothing", vec![]),
    ] {
        let message = json!({ "action": action, "ref": "1" });
        let packed = rmp_serde::to_vec_named(&message).unwrap();
        client.send(Wire::binary(packed)).await;
        for expected in caused.iter().chain([&complete]) {
            assert_eq!(told(&mut client).await, *expected, "{action}");
        }
    }
    client.send("no MessagePack").await;
    let error = told(&mut client).await;
    assert_eq!(error["payload"]["errors"][0]["type"], "msgpack_invalid");
    assert_eq!(told(&mut client).await, json!({ "action": "complete" }));
}
