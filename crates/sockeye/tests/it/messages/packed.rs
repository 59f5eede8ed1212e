//! Messages as MessagePack: the same types in binary frames.

use std::net::IpAddr;

use serde_json::{Value, json};
use sockeye::{
    DecodeError, Envelope, Faults, Form, Format, Incoming, Message, MessageKind, Outgoing, Payload,
    Wire,
};

#[derive(Debug, PartialEq, Message)]
enum Packed {
    Ping,
    Say { text: String, from: IpAddr },
    Numbers(Vec<u64>),
}

fn form() -> Form<'static> {
    Form::new(Form::DEFAULT.wire(), Format::MessagePack)
}

fn said() -> Packed {
    Packed::Say {
        text: "hi".into(),
        from: IpAddr::from([127, 0, 0, 1]),
    }
}

fn pack(value: &Value) -> Vec<u8> {
    rmp_serde::to_vec(value).unwrap()
}

fn refused(payload: Payload<'_>) -> (Faults, Envelope) {
    let mut envelope = Envelope::default();
    match Packed::read(payload, form(), &mut envelope) {
        Err(DecodeError::Invalid(faults)) => (faults, envelope),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_message_is_a_map_with_the_values_of_its_json() {
    let mut out = b"kept".to_vec();
    assert_eq!(said().write(form(), &mut out).unwrap(), MessageKind::Binary);
    let bytes = out.strip_prefix(b"kept").unwrap();
    let value: Value = rmp_serde::from_slice(bytes).unwrap();
    let json = json!({ "action": "say", "payload": { "text": "hi", "from": "127.0.0.1" } });
    assert_eq!(value, json);
    let mut envelope = Envelope::default();
    assert_eq!(
        Packed::read(Payload::Binary(bytes), form(), &mut envelope).unwrap(),
        said()
    );
    assert_eq!(envelope.action, Some("say"));
}

#[test]
fn keys_come_in_any_order_with_a_reference() {
    let mut bytes = pack(&json!({ "x": [1], "ref": "7" }));
    // A map of four, of which two are there: the payload goes before the action.
    bytes[0] = 0x84;
    bytes.extend(pack(&json!("payload")));
    bytes.extend(pack(&json!({ "from": "127.0.0.1", "text": "hi" })));
    bytes.extend(pack(&json!("action")));
    bytes.extend(pack(&json!("say")));
    let mut envelope = Envelope::default();
    assert_eq!(
        Packed::read(Payload::Binary(&bytes), form(), &mut envelope).unwrap(),
        said()
    );
    assert_eq!(envelope.reference.as_deref(), Some("7"));
}

#[test]
fn faults_are_those_of_json() {
    let table = [
        (json!([1]), "model_type", json!([])),
        (json!({}), "union_tag_not_found", json!(["action"])),
        (
            json!({ "action": 7 }),
            "union_tag_invalid",
            json!(["action"]),
        ),
        (
            json!({ "action": "no" }),
            "union_tag_invalid",
            json!(["action"]),
        ),
        (
            json!({ "action": "say", "payload": { "text": "a" } }),
            "missing",
            json!(["payload", "from"]),
        ),
        (
            json!({ "action": "numbers", "payload": [1, "a"] }),
            "type_error",
            json!(["payload", 1]),
        ),
        (
            json!({ "action": "ping", "ref": [1] }),
            "value_error",
            json!(["ref"]),
        ),
    ];
    for (value, kind, loc) in table {
        let (faults, _) = refused(Payload::Binary(&pack(&value)));
        let told = serde_json::to_value(faults).unwrap();
        assert_eq!(
            (&told[0]["type"], &told[0]["loc"]),
            (&json!(kind), &loc),
            "{value}: {told}"
        );
    }
}

#[test]
fn what_is_no_message_pack_is_told_as_that() {
    let ping = pack(&json!({ "action": "ping" }));
    let table: [&[u8]; 6] = [
        b"",
        b"\xc1",
        &ping[..5],
        &[&ping[..], b"\xc0"].concat(),
        // A map of four thousand million entries, in five bytes.
        b"\xdf\xff\xff\xff\xff",
        &[0x91; 10_000],
    ];
    for bytes in table {
        let told = serde_json::to_value(refused(Payload::Binary(bytes)).0).unwrap();
        assert_eq!(told[0]["type"], "msgpack_invalid", "{bytes:x?}");
    }
    let told = serde_json::to_value(refused(Payload::Text(r#"{"action":"ping"}"#)).0).unwrap();
    assert_eq!(told[0]["type"], "msgpack_invalid");
}

#[test]
fn a_declared_length_reserves_no_memory() {
    let mut bytes = pack(&json!({ "action": "numbers" }));
    bytes[0] = 0x82;
    bytes.extend(pack(&json!("payload")));
    bytes.extend([0xdd, 0xff, 0xff, 0xff, 0xff]);
    let info = allocation_counter::measure(|| {
        refused(Payload::Binary(&bytes));
    });
    assert!(info.bytes_max < 10_000, "{info:?}");
}

#[test]
fn keys_are_those_of_the_wire() {
    let mut wire = Wire::default();
    wire.action_key = "type".into();
    let form = Form::new(&wire, Format::MessagePack);
    let mut out = Vec::new();
    Packed::Ping.write(form, &mut out).unwrap();
    assert_eq!(out, pack(&json!({ "type": "ping" })));
}
