//! Any value comes back as it went, in both formats and with the keys in any order.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use sockeye::{Envelope, Form, Format, Incoming, Message, Outgoing, Payload};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Colour {
    Red,
    Rgb(u8, u8, u8),
    Named { name: String },
}

#[derive(Clone, Debug, PartialEq, Message)]
enum Any {
    Unit,
    Named {
        text: String,
        number: i64,
        maybe: Option<u64>,
        colour: Colour,
    },
    Map(BTreeMap<String, Vec<bool>>),
    Pair(f64, char),
    Maybe(Option<String>),
}

fn colour() -> impl Strategy<Value = Colour> {
    prop_oneof![
        Just(Colour::Red),
        any::<(u8, u8, u8)>().prop_map(|(r, g, b)| Colour::Rgb(r, g, b)),
        any::<String>().prop_map(|name| Colour::Named { name }),
    ]
}

fn message() -> impl Strategy<Value = Any> {
    let named = (
        any::<String>(),
        any::<i64>(),
        any::<Option<u64>>(),
        colour(),
    );
    prop_oneof![
        Just(Any::Unit),
        named.prop_map(|(text, number, maybe, colour)| Any::Named {
            text,
            number,
            maybe,
            colour
        }),
        prop::collection::btree_map(any::<String>(), any::<Vec<bool>>(), 0..5).prop_map(Any::Map),
        (any::<i32>(), any::<char>()).prop_map(|(n, letter)| Any::Pair(f64::from(n) / 4.0, letter)),
        any::<Option<String>>().prop_map(Any::Maybe),
    ]
}

/// The entries of an object in another order, as text.
fn shuffled(text: &str, order: &[usize]) -> String {
    let object: BTreeMap<String, serde_json::Value> = serde_json::from_str(text).unwrap();
    let mut entries: Vec<_> = object.into_iter().collect();
    for (at, other) in order.iter().enumerate() {
        let last = entries.len() - 1;
        entries.swap(at.min(last), (*other).min(last));
    }
    let entries: Vec<String> = entries
        .iter()
        .map(|(key, value)| format!("{}:{value}", serde_json::Value::from(key.as_str())))
        .collect();
    format!("{{{}}}", entries.join(","))
}

proptest! {
    #[test]
    fn json_brings_back_what_it_took(message in message(), order in prop::collection::vec(0..4_usize, 0..4)) {
        let mut out = Vec::new();
        message.encode(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        prop_assert_eq!(&Any::decode(Payload::Text(&text)).unwrap(), &message);
        let more = format!(r#"{},"ref":"7","other":{{}}}}"#, text.strip_suffix('}').unwrap());
        let text = shuffled(&more, &order);
        let mut envelope = Envelope::default();
        let read = Any::read(Payload::Text(&text), Form::DEFAULT, &mut envelope);
        prop_assert_eq!(read.unwrap(), message);
        prop_assert_eq!(envelope.reference.as_deref(), Some("7"));
    }

    #[cfg(feature = "msgpack")]
    #[test]
    fn message_pack_brings_back_what_it_took(message in message()) {
        let form = Form::new(Form::DEFAULT.wire(), Format::MessagePack);
        let mut out = Vec::new();
        message.write(form, &mut out).unwrap();
        let mut envelope = Envelope::default();
        let read = Any::read(Payload::Binary(&out), form, &mut envelope);
        prop_assert_eq!(read.unwrap(), message);
    }
}
