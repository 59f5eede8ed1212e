//! Values of every shape, beside what `serde_json` makes of them.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::message::writer::{Writer, write_text};

fn written(value: &impl Serialize) -> Option<String> {
    let mut out = b"before".to_vec();
    value.serialize(Writer(&mut out)).ok()?;
    String::from_utf8(out.split_off(6)).ok()
}

/// Holds what is written against `serde_json`, and gives it.
#[track_caller]
fn same(value: &impl Serialize) -> Option<String> {
    let written = written(value);
    assert_eq!(written, serde_json::to_string(value).ok());
    written
}

#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
enum Shape {
    Unit,
    New(u8),
    Tuple(u8, char),
    Struct { a: u8, b: Option<u8> },
}

#[derive(Serialize)]
struct Nothing;

#[derive(Serialize)]
struct Empty {}

#[derive(Serialize)]
struct New(f32);

#[derive(Serialize)]
struct Tuple((), i8);

#[derive(Serialize)]
struct Flat<'a> {
    #[serde(rename = "a \"b\"")]
    quoted: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<u8>,
    #[serde(flatten)]
    rest: BTreeMap<&'a str, Value>,
}

struct Bytes;

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&[0, 7, 255])
    }
}

struct Shown;

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{} \"{}\"", 1, 2))
    }
}

#[test]
fn every_shape_is_written_as_by_serde_json() {
    same(&(true, 'a', '"', (), None::<u8>, Some("b")));
    same(&(i8::MIN, i16::MIN, i32::MIN, i64::MIN, i128::MIN));
    same(&(u8::MAX, u16::MAX, u32::MAX, u64::MAX, u128::MAX));
    same(&(0.1_f32, 1e300, f64::NAN, f32::INFINITY, -0.0));
    same(&(Nothing, Empty {}, New(1.5), Tuple((), -1), Bytes, Shown));
    let (a, b) = (1, None);
    same(&[
        Shape::Unit,
        Shape::New(1),
        Shape::Tuple(1, 'b'),
        Shape::Struct { a, b },
    ]);
    same(&(Vec::<u8>::new(), BTreeMap::<u8, u8>::new(), [[[0]]]));
    same(&json!({ "a": [1, { "b": {} }], "": null, "\n": "\u{1F41F}" }));
}

#[test]
fn fields_that_are_flattened_or_left_out_keep_the_commas_right() {
    for rest in [json!({}), json!({ "one": 1, "two": "2" })] {
        let rest = serde_json::from_value(rest.clone()).unwrap();
        let rest: BTreeMap<String, Value> = rest;
        let rest = rest
            .iter()
            .map(|(key, value)| (key.as_str(), value.clone()));
        same(&Flat {
            quoted: "c",
            left_out: None,
            rest: rest.collect(),
        });
    }
}

#[test]
fn keys_are_texts_or_what_has_a_text() {
    assert!(same(&BTreeMap::from([("a\n", 1), ("b", 2)])).is_some());
    assert!(same(&BTreeMap::from([(-1, 1), (2, 2)])).is_some());
    assert!(same(&BTreeMap::from([(true, 1), (false, 2)])).is_some());
    assert!(same(&BTreeMap::from([(Shape::Unit, 1)])).is_some());
    assert!(same(&BTreeMap::from([(Shape::New(1), 1)])).is_none());
    assert!(same(&BTreeMap::from([(vec![1], 1)])).is_none());
}

#[test]
fn raw_json_stays_as_it_is() {
    let raw = RawValue::from_string(r#"{ "a" : [1, "\u0041"] }"#.to_owned()).unwrap();
    let text = same(&BTreeMap::from([("raw", (&raw, "after"))])).unwrap();
    assert!(text.contains(raw.get()), "{text}");
}

proptest! {
    #[test]
    fn a_text_is_escaped_where_it_must_be(text in "[ -~\\x00-\\x1f\"\\\\\u{7f}\u{e9}\u{2028}\u{1f41f}]{0,80}") {
        let mut out = Vec::new();
        write_text(&text, &mut out);
        prop_assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string(&text).unwrap());
    }
}

#[test]
fn each_byte_at_each_place_is_looked_at() {
    for place in 0..70 {
        for byte in 0..0x80_u8 {
            let mut text = "a".repeat(70);
            text.replace_range(place..=place, char::from(byte).encode_utf8(&mut [0; 4]));
            same(&text);
        }
    }
}
