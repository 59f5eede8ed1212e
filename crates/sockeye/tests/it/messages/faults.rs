//! What a sender is told of a message that was not taken.

use serde::Deserialize;
use serde_json::Value;
use sockeye::{DecodeError, Incoming, Message, Payload};

use super::refused;

#[derive(Debug, Deserialize)]
struct Item {
    #[expect(dead_code, reason = "read to be refused")]
    id: u8,
}

#[derive(Debug, Message)]
#[message(incoming)]
#[expect(dead_code, reason = "read to be refused")]
enum FromClient {
    Ping,
    Say { text: String },
    Order { items: Vec<Item> },
    Name(String),
}

fn told(text: &str) -> Value {
    serde_json::to_value(refused::<FromClient>(text).0).unwrap()
}

/// Each text with the type and the place of what is wrong with it.
#[track_caller]
fn check(table: &[(&str, &str, &str)]) {
    for (text, kind, loc) in table {
        let told = told(text);
        assert_eq!(told[0]["type"], *kind, "{text}: {told}");
        let places = told[0]["loc"].as_array().unwrap().iter();
        let places = places.map(|place| place.to_string().replace('"', ""));
        assert_eq!(places.collect::<Vec<_>>().join("."), *loc, "{text}: {told}");
    }
}

#[test]
fn what_is_no_message_is_told_with_its_type_and_its_place() {
    check(&[
        ("", "json_invalid", ""),
        ("{", "json_invalid", ""),
        ("hello", "json_invalid", ""),
        (r#"{"action":"ping"} x"#, "json_invalid", ""),
        ("[1]", "model_type", ""),
        ("null", "model_type", ""),
        (r#""ping""#, "model_type", ""),
        ("{}", "union_tag_not_found", "action"),
        (r#"{"Action":"ping"}"#, "union_tag_not_found", "action"),
        (r#"{"action":"pong"}"#, "union_tag_invalid", "action"),
        (r#"{"action":7}"#, "union_tag_invalid", "action"),
        (r#"{"action":null}"#, "union_tag_invalid", "action"),
        (r#"{"action":["ping"]}"#, "union_tag_invalid", "action"),
        (
            r#"{"action":"ping","action":"ping"}"#,
            "value_error",
            "action",
        ),
        (r#"{"action":"ping","ref":7}"#, "value_error", "ref"),
    ]);
}

#[test]
fn what_is_wrong_in_a_payload_is_told_with_its_type_and_its_place() {
    let items = |items: &str| format!(r#"{{"action":"order","payload":{{"items":[{items}]}}}}"#);
    check(&[
        (r#"{"action":"name"}"#, "missing", "payload"),
        (r#"{"action":"say"}"#, "missing", "payload.text"),
        (
            r#"{"action":"say","payload":{}}"#,
            "missing",
            "payload.text",
        ),
        (
            r#"{"payload":{},"action":"say"}"#,
            "missing",
            "payload.text",
        ),
        (
            r#"{"action":"say","payload":null}"#,
            "type_error",
            "payload",
        ),
        (
            r#"{"action":"say","payload":{"text":1}}"#,
            "type_error",
            "payload.text",
        ),
        (
            &items(r#"{"id":1},{"id":256}"#),
            "value_error",
            "payload.items.1.id",
        ),
        (&items(r#"{"id":1},{}"#), "missing", "payload.items.1.id"),
    ]);
}

#[test]
fn the_texts_name_what_was_expected() {
    let table = [
        (
            "{}",
            "a message needs the key `action`; expected `ping`, `say`, `order`, `name`",
        ),
        (
            r#"{"action":"pong"}"#,
            "no action is called `pong`; expected `ping`, `say`, `order`, `name`",
        ),
        (
            "[1]",
            "invalid type: sequence, expected an object with an action",
        ),
        (
            r#"{"action":"say","payload":7}"#,
            "invalid type: integer `7`, expected an object",
        ),
        (r#"{"action":"say","payload":{}}"#, "missing field `text`"),
    ];
    for (text, msg) in table {
        assert_eq!(told(text)[0]["msg"], msg);
    }
}

#[test]
fn a_binary_frame_is_told_apart() {
    let refused = FromClient::decode(Payload::Binary(br#"{"action":"ping"}"#));
    let Err(DecodeError::Invalid(faults)) = refused else {
        panic!("{refused:?}");
    };
    let written = serde_json::to_value(&faults).unwrap();
    assert_eq!(written[0]["type"], "json_invalid");
    assert_eq!(faults.code(), 400);
}

#[test]
fn the_reference_and_the_action_are_found_beside_a_fault() {
    let table = [
        (
            r#"{"action":"say","payload":{},"ref":"7"}"#,
            Some("say"),
            Some("7"),
        ),
        (r#"{"ref":"7","action":"nope"}"#, None, Some("7")),
        (r#"{"payload":{},"ref":"7"}"#, None, Some("7")),
        (r#"{"action":"say","ref":7}"#, Some("say"), None),
        (
            r#"{"action":"say","payload":{"text":1},"ref":null}"#,
            Some("say"),
            None,
        ),
    ];
    for (text, action, reference) in table {
        let (_, envelope) = refused::<FromClient>(text);
        assert_eq!(envelope.action, action, "{text}");
        assert_eq!(envelope.reference.as_deref(), reference, "{text}");
    }
}
