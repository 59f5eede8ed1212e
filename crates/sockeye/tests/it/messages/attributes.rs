//! What serde's attributes, and our own, make of a message.

use serde::{Deserialize, Serialize};
use sockeye::{Incoming, Message, Outgoing};

use super::{read, refused, written};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Place {
    city: String,
}

mod hex {
    //! A number as text.

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(number: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{number:x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        let text = String::deserialize(deserializer)?;
        u32::from_str_radix(&text, 16).map_err(serde::de::Error::custom)
    }
}

#[derive(Debug, PartialEq, Message)]
#[serde(
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
enum Rich {
    #[serde(rename = "hello", alias = "hi", alias = "hey")]
    Greeting {
        user_name: String,
    },
    #[message(action = "colour:set")]
    SetColour {
        #[serde(with = "hex")]
        rgb: u32,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        tags: Vec<String>,
        #[serde(rename = "at", alias = "where")]
        place_of_it: Option<Place>,
        #[serde(skip)]
        hidden: u8,
    },
    #[serde(rename_all = "UPPERCASE")]
    LoudOne {
        text: String,
    },
    Packed(#[serde(with = "hex")] u32),
    #[serde(skip)]
    Internal(std::time::Instant),
}

#[test]
fn variants_are_named_by_serde_or_by_us() {
    let hello = Rich::Greeting {
        user_name: "Ann".into(),
    };
    let text = r#"{"action":"hello","payload":{"userName":"Ann"}}"#;
    assert_eq!(written(&hello), text);
    for action in ["hello", "hi", "hey"] {
        assert_eq!(read::<Rich>(&text.replace("hello", action)), hello);
    }
    assert_eq!(Rich::ACTIONS, ["hello", "colour:set", "loud-one", "packed"]);
    let loud = Rich::LoudOne { text: "A".into() };
    assert_eq!(
        written(&loud),
        r#"{"action":"loud-one","payload":{"TEXT":"A"}}"#
    );
    assert_eq!(read::<Rich>(&written(&loud)), loud);
}

#[test]
fn fields_keep_what_serde_says_of_them() {
    let colour = |tags: &[&str], place_of_it| Rich::SetColour {
        rgb: 0xff00aa,
        tags: tags.iter().map(ToString::to_string).collect(),
        place_of_it,
        hidden: 0,
    };
    let bare = r#"{"action":"colour:set","payload":{"rgb":"ff00aa","at":null}}"#;
    assert_eq!(written(&colour(&[], None)), bare);
    assert_eq!(read::<Rich>(bare), colour(&[], None));
    let place = Some(Place {
        city: "Oslo".into(),
    });
    let full = r#"{"action":"colour:set","payload":{"rgb":"ff00aa","tags":["a"],"where":{"city":"Oslo"}}}"#;
    assert_eq!(read::<Rich>(full), colour(&["a"], place));
    assert_eq!(
        written(&Rich::Packed(255)),
        r#"{"action":"packed","payload":"ff"}"#
    );
    assert_eq!(
        read::<Rich>(r#"{"action":"packed","payload":"ff"}"#),
        Rich::Packed(255)
    );
}

#[test]
fn a_skipped_variant_is_neither_read_nor_written() {
    let (faults, _) = refused::<Rich>(r#"{"action":"internal"}"#);
    assert_eq!(faults.code(), 400);
    let message = Rich::Internal(std::time::Instant::now());
    assert!(message.encode(&mut Vec::new()).is_err());
}

#[test]
fn unknown_fields_are_refused_where_the_type_says_so() {
    let (faults, _) = refused::<Rich>(r#"{"action":"hello","payload":{"userName":"A","x":1}}"#);
    let written = serde_json::to_value(&faults).unwrap();
    assert_eq!(written[0]["type"], "extra_forbidden");
    assert_eq!(written[0]["loc"], serde_json::json!(["payload", "x"]));
}

#[derive(Debug, PartialEq, Message)]
#[message(
    action_key = "type",
    payload_key = "data",
    rename_all = "PascalCase",
    rename_all_fields = "camelCase",
    marked
)]
enum Keyed {
    UserJoined { user_id: u32 },
}

#[test]
fn a_type_names_its_keys_and_cases() {
    let joined = Keyed::UserJoined { user_id: 1 };
    let text = r#"{"type":"UserJoined","data":{"userId":1}}"#;
    assert_eq!(written(&joined), text);
    assert_eq!(read::<Keyed>(text), joined);
    const { assert!(<Keyed as Outgoing>::TYPED && <Keyed as Incoming>::TYPED) };
    assert!(joined.is_marked());
    assert!(!Rich::Packed(0).is_marked());
}

/// Only read: `Deserialize` is enough for what it holds.
#[derive(Debug, PartialEq, Deserialize)]
struct ReadOnly(u8);

/// Only written.
#[derive(Debug, PartialEq, Serialize)]
struct WriteOnly(u8);

#[derive(Debug, PartialEq, Message)]
#[message(incoming)]
enum In {
    Set(ReadOnly),
}

#[derive(Debug, PartialEq, Message)]
#[message(outgoing)]
enum Out {
    Was(WriteOnly),
}

#[test]
fn one_direction_asks_for_half_of_serde() {
    assert_eq!(
        read::<In>(r#"{"action":"set","payload":1}"#),
        In::Set(ReadOnly(1))
    );
    assert_eq!(
        written(&Out::Was(WriteOnly(1))),
        r#"{"action":"was","payload":1}"#
    );
}

#[derive(Debug, Default, PartialEq, Message)]
#[message(action = "settings.change", rename_all_fields = "camelCase")]
#[serde(default)]
struct Settings {
    dark_mode: bool,
    #[serde(flatten)]
    more: std::collections::BTreeMap<String, u8>,
}

#[test]
fn a_struct_is_named_and_has_defaults() {
    let text = r#"{"action":"settings.change","payload":{"darkMode":true,"size":3}}"#;
    let settings = Settings {
        dark_mode: true,
        more: [("size".into(), 3)].into(),
    };
    assert_eq!(written(&settings), text);
    assert_eq!(read::<Settings>(text), settings);
    assert_eq!(
        read::<Settings>(r#"{"action":"settings.change"}"#),
        Settings::default()
    );
}
