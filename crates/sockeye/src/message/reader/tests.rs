//! Texts of every shape, beside what `serde_json` reads of them.

use std::collections::BTreeMap;
use std::fmt::{self, Debug};
use std::marker::PhantomData;

use proptest::prelude::*;
use serde::de::{DeserializeOwned, EnumAccess, SeqAccess, VariantAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::message::reader::{read_json, read_well};

/// Holds what is read against `serde_json`: the same value or the same complaint. Gives whether it was read without its
/// help with the whole.
#[track_caller]
fn same<T: DeserializeOwned + Debug>(text: &str) -> bool {
    let [ours, theirs] = [read_json::<T>(text), serde_json::from_str::<T>(text)]
        .map(|read| format!("{:?}", read.map_err(|error| error.to_string())));
    assert_eq!(ours, theirs, "{text}");
    read_well(text, PhantomData::<T>).is_some()
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read by Debug")]
enum Shape {
    Unit,
    New(u8),
    Tuple(i8, char),
    Struct { a: u8, b: Option<u8> },
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read by Debug")]
struct Everything {
    text: String,
    unit: (),
    flag: bool,
    maybe: Option<f32>,
    integers: (u8, i64, u128),
    shapes: Vec<Shape>,
    by_number: BTreeMap<i32, bool>,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

/// Passes over all but one.
#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read by Debug")]
struct Passed {
    flag: bool,
}

const EVERYTHING: &str = r#" {
    "text" : "a\u00e9\n\ud83d\udc1f\"", "unit": null, "flag":true, "maybe": -1.5e3, "integers": [0, -9, 7],
    "shapes": ["Unit", {"New":255}, {"Tuple":[-128, "é"]}, { "Struct" : {"b":1, "a" :2 } } , {"Struct": [1, null]}],
    "by_number": {}, "more": {"deep": [[], {}, [{"x": 18446744073709551615}]], "\u0041": "", "é": 0.1}
} "#;

#[test]
fn every_shape_is_read_as_by_serde_json() {
    assert!(same::<Everything>(EVERYTHING));
    assert!(same::<Passed>(EVERYTHING));
    assert!(same::<Value>(EVERYTHING));
    for end in EVERYTHING.char_indices().map(|(end, _)| end) {
        same::<Everything>(&EVERYTHING[..end]);
        same::<Passed>(&EVERYTHING[..end]);
        same::<Value>(&EVERYTHING[..end]);
    }
}

#[test]
fn every_text_that_is_a_byte_off_is_read_as_by_serde_json() {
    for (at, _) in EVERYTHING.char_indices() {
        let (before, behind) = EVERYTHING.split_at(at);
        let mut cut = behind.chars();
        cut.next();
        for put in [
            "", "\"", "\\", ",", "{", "]", "0", "e", "-", "\n", "\u{1}", "null",
        ] {
            same::<Everything>(&format!("{before}{put}{}", cut.as_str()));
            same::<Passed>(&format!("{before}{put}{}", cut.as_str()));
            same::<Value>(&format!("{before}{put}{behind}"));
        }
    }
}

#[test]
fn numbers_are_read_as_by_serde_json() {
    let numbers = [
        "0",
        "-0",
        "00",
        "01",
        "-1",
        "1.0",
        "1.",
        ".1",
        "1e5",
        "1E-5",
        "1e999",
        "-1e999",
        "+1",
        "--1",
        "-",
        "1-1",
        "255",
        "256",
        "999999999999999999",
        "1000000000000000000",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
        "-9223372036854775809",
        "0x10",
        "NaN",
        "1 2",
        "\"1\"",
    ];
    for number in numbers {
        same::<u8>(number);
        same::<i64>(number);
        same::<u64>(number);
        same::<i128>(number);
        same::<f32>(number);
        same::<f64>(number);
        same::<Value>(number);
        same::<Option<u32>>(number);
        same::<Vec<i16>>(&format!("[{number},{number}]"));
        same::<BTreeMap<u8, f64>>(&format!(r#"{{"{number}":{number}}}"#));
    }
    assert!(same::<u64>("7") && same::<f64>("-0.5") && same::<u128>("7"));
}

#[test]
fn what_serde_json_has_for_itself_is_left_to_it() {
    #[derive(Deserialize)]
    struct Kept {
        raw: Box<RawValue>,
    }
    let kept: Kept = read_json(r#"{"raw": { "a" : 1 } }"#).unwrap();
    assert_eq!(kept.raw.get(), r#"{ "a" : 1 }"#);
    assert!(!same::<BTreeMap<u8, bool>>(r#"{"1":true}"#));
    assert!(!same::<String>(r#""\ud800""#));
}

#[derive(Debug, Deserialize)]
#[serde(tag = "t")]
#[expect(dead_code, reason = "read by Debug")]
enum Inside {
    A { x: u8 },
    B(BTreeMap<String, f64>),
}

#[derive(Debug, Deserialize)]
#[serde(tag = "t", content = "c")]
#[expect(dead_code, reason = "read by Debug")]
enum Beside {
    A(u8, Option<Option<bool>>),
    B,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "read by Debug")]
enum Untold {
    Number(u8),
    Text(String),
    Whole(Box<Strict>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename = "$id")]
#[expect(dead_code, reason = "read by Debug")]
struct Strict {
    inside: Option<Inside>,
    beside: Option<Beside>,
    untold: Option<Vec<Untold>>,
    by_flag: Option<BTreeMap<bool, u8>>,
    by_char: Option<BTreeMap<char, u8>>,
    by_name: Option<BTreeMap<Name, u8>>,
}

#[derive(Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Some,
    Other,
}

#[test]
fn derived_shapes_are_read_as_by_serde_json() {
    for text in [
        r#"{"inside":{"x":1,"t":"A"},"beside":{"c":[1,null],"t":"A"}}"#,
        r#"{"inside":{"t":"B","y":1.5,"z":2},"beside":{"t":"B"}}"#,
        r#"{"inside":{"t":"C"},"beside":null}"#,
        r#"{"untold":[1,"a",{"untold":[300,"\n"]}]}"#,
        r#"{"untold":[1,"a",{"untold":[]}]}"#,
        r#"{"by_flag":{"true":1,"false":2}}"#,
        r#"{"by_char":{"a":1,"bc":2}}"#,
        r#"{"by_name":{"Some":1,"Other":2}}"#,
        r#"{"by_name":{"Some":1,"Any":2}}"#,
        r#"{"unknown":1}"#,
    ] {
        same::<Strict>(text);
        same::<BTreeMap<String, Untold>>(text);
    }
    assert!(same::<Strict>(
        r#"{"untold":["a"],"by_name":{"Some":1},"inside":{"x":1,"t":"A"}}"#
    ));
}

/// Makes do without a value.
#[derive(Debug)]
struct Lenient<T>(Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(T::deserialize(deserializer).ok()))
    }
}

/// Keeps why there is no value.
#[derive(Debug)]
struct Why<T>(Result<T, String>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Why<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = T::deserialize(deserializer);
        Ok(Self(read.map_err(|error| error.to_string())))
    }
}

/// The good elements of a list.
#[derive(Debug)]
#[expect(dead_code, reason = "read by Debug")]
struct Good(Vec<u8>);

impl<'de> Deserialize<'de> for Good {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(GoodOnes)
    }
}

struct GoodOnes;

impl<'de> Visitor<'de> for GoodOnes {
    type Value = Good;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Good, A::Error> {
        let mut good = Vec::new();
        while let Some(element) = seq.next_element::<u8>().transpose() {
            good.extend(element);
        }
        Ok(Good(good))
    }
}

/// A variant that is called by a number.
#[derive(Debug)]
struct Numbered;

impl<'de> Deserialize<'de> for Numbered {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_enum("Numbered", &[], Self)
    }
}

impl<'de> Visitor<'de> for Numbered {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a numbered variant")
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<Self, A::Error> {
        access.variant::<u8>()?.1.unit_variant()?;
        Ok(self)
    }
}

#[test]
fn types_that_make_do_without_a_value_are_read_as_by_serde_json() {
    for text in [
        "[1.5]",
        "[300]",
        "[1e99999999999999]",
        r#"["\ud800ab"]"#,
        r#"["\q"]"#,
        "[00]",
        "[-1-1]",
        "[[1,300]",
        "[[1,]",
        "[1,]",
        "[,]",
        "[1 2]",
        r#"[1,"x",{"a":2},7]"#,
        r#"{"a":300}"#,
        r#"{:2}"#,
        r#"{1:null}"#,
        r#"{"1":null}"#,
        "[[[1]],2]",
        "null",
    ] {
        same::<Vec<Lenient<u8>>>(text);
        same::<Vec<Lenient<u128>>>(text);
        same::<Vec<Lenient<f64>>>(text);
        same::<Vec<Lenient<String>>>(text);
        same::<Vec<Lenient<Vec<u8>>>>(text);
        same::<BTreeMap<String, Why<u8>>>(text);
        same::<Vec<Why<u8>>>(text);
        same::<Lenient<Strict>>(text);
        same::<Numbered>(text);
    }
    let deep = format!("{}{}", "[".repeat(65), "]".repeat(64));
    same::<Lenient<Value>>(&deep);
    same::<Good>(r#"[1,"x",2]"#);
    assert!(same::<Good>("[1,2,3]"));
}

#[test]
fn texts_are_borrowed_where_they_stand_as_they_are() {
    let text = r#"["plain", "é"]"#;
    let read: Vec<&str> = read_well(text, PhantomData).unwrap();
    assert_eq!(read, ["plain", "é"]);
    assert!(read_well::<PhantomData<&str>>(r#""a\n""#, PhantomData).is_none());
}

#[test]
fn depth_is_that_of_serde_json() {
    for depth in [1, 63, 64, 65, 127, 128, 10_000] {
        same::<Value>(&format!("{}{}", "[".repeat(depth), "]".repeat(depth)));
        same::<Value>(&"[".repeat(depth));
        same::<Value>(&format!(
            "{}1{}",
            r#"{"a":"#.repeat(depth),
            "}".repeat(depth)
        ));
    }
    let lists: Vec<Value> = (0..1000).map(|_| json!([[1]])).collect();
    assert!(same::<Value>(&json!(lists).to_string()));
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[a-z\"\\\\\n é]{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_value_is_read_back(value in any_value()) {
        prop_assert!(same::<Value>(&value.to_string()));
        prop_assert!(same::<Value>(&serde_json::to_string_pretty(&value).unwrap()));
    }

    #[test]
    fn any_text_is_read_as_by_serde_json(text in "[\\[\\]{}\",:\\\\a0-2eEu.\\- ntrue]{0,24}") {
        same::<Value>(&text);
        same::<Vec<Option<String>>>(&text);
        same::<BTreeMap<String, u8>>(&text);
    }
}
