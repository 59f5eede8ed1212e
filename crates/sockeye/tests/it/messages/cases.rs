//! Keys in camelCase on the wire, in both directions and at every depth.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sockeye::{
    Case, DecodeError, Envelope, Form, Format, Incoming, Message, Outgoing, Payload, Wire,
};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct HomeAddress {
    street_name: String,
    line_2: Option<String>,
}

#[derive(Debug, PartialEq, Message)]
enum Cased {
    AddUser {
        user_name: String,
        home_address: HomeAddress,
        address_by_name: BTreeMap<String, HomeAddress>,
    },
}

#[derive(Debug, PartialEq, Message)]
#[message(rename_all_fields = "camelCase")]
struct OwnCase {
    user_name: String,
}

fn wire() -> Wire {
    let mut wire = Wire::default();
    wire.case = Case::Camel;
    wire.action_key = "message_type".into();
    wire
}

fn address() -> HomeAddress {
    HomeAddress {
        street_name: "a_b \"c_d\": 1".into(),
        line_2: None,
    }
}

fn added() -> Cased {
    Cased::AddUser {
        user_name: "ann_lee".into(),
        home_address: address(),
        address_by_name: [
            ("my_home".into(), address()),
            ("Not_mine".into(), address()),
        ]
        .into(),
    }
}

#[test]
fn keys_are_camel_outside_and_snake_inside() {
    let wire = wire();
    let form = Form::new(&wire, Format::Json);
    let mut out = b"kept".to_vec();
    added().write(form, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let text = text.strip_prefix("kept").unwrap();
    let address = json!({ "streetName": "a_b \"c_d\": 1", "line_2": null });
    let expected = json!({
        "message_type": "add_user",
        "payload": {
            "userName": "ann_lee",
            "homeAddress": address,
            "addressByName": { "myHome": address, "Not_mine": address },
        },
    });
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(text).unwrap(),
        expected
    );
    let read = Cased::read(Payload::Text(text), form, &mut Envelope::default());
    assert_eq!(read.unwrap(), added());
}

#[test]
fn faults_name_the_fields_of_rust() {
    let wire = wire();
    let form = Form::new(&wire, Format::Json);
    let text =
        r#"{"message_type":"add_user","payload":{"userName":"a","homeAddress":{"streetName":1}}}"#;
    let read = Cased::read(Payload::Text(text), form, &mut Envelope::default());
    let Err(DecodeError::Invalid(faults)) = read else {
        panic!("{read:?}");
    };
    let told = serde_json::to_value(faults).unwrap();
    assert_eq!(
        told[0]["loc"],
        json!(["payload", "home_address", "street_name"])
    );
}

#[test]
fn a_type_with_a_case_of_its_own_keeps_it() {
    let wire = wire();
    let form = Form::new(&wire, Format::Json);
    let mut out = Vec::new();
    let own = OwnCase {
        user_name: "a".into(),
    };
    own.write(form, &mut out).unwrap();
    let text = r#"{"message_type":"own_case","payload":{"userName":"a"}}"#;
    assert_eq!(String::from_utf8(out).unwrap(), text);
    let read = OwnCase::read(Payload::Text(text), form, &mut Envelope::default());
    assert_eq!(read.unwrap(), own);
}

#[cfg(feature = "msgpack")]
#[test]
fn message_pack_has_the_same_keys() {
    let wire = wire();
    let (json, packed) = (
        Form::new(&wire, Format::Json),
        Form::new(&wire, Format::MessagePack),
    );
    let (mut text, mut bytes) = (Vec::new(), b"kept".to_vec());
    added().write(json, &mut text).unwrap();
    added().write(packed, &mut bytes).unwrap();
    let bytes = bytes.strip_prefix(b"kept").unwrap();
    let value: serde_json::Value = rmp_serde::from_slice(bytes).unwrap();
    assert_eq!(
        value,
        serde_json::from_slice::<serde_json::Value>(&text).unwrap()
    );
    let read = Cased::read(Payload::Binary(bytes), packed, &mut Envelope::default());
    assert_eq!(read.unwrap(), added());
}
